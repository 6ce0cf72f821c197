import { newId } from '@khien/shared/id';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addHousehold, type TemporaryStore, temporaryStore } from '../documents/home.fixture.ts';
import { insertSet } from './insert-set.ts';

let temporary: TemporaryStore;
let household: string;
beforeAll(async () => {
  temporary = await temporaryStore();
  household = await addHousehold(temporary.store, 1);
});
afterAll(() => temporary.remove());

const columns = {
  texts: ['id', 'household', 'router', 'kind', 'time_source', 'payload'],
  numbers: ['at', 'told_at', 'received_at'],
} as const;

/** Among them all that means something in a literal of JSON or of an array. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    'null',
    'NULL',
    '{}',
    '{a,b}',
    '"',
    '\\',
    '\\n',
    '\n',
    '\t',
    '\u007f',
    '\ud800',
    'a\0b',
    '🏠',
  ),
  fc.json(),
);

test('rows are stored as they are, whatever texts they have', async () => {
  const { db } = temporary.store;
  const told = fc.record({ kind: text, payload: text, told_at: fc.option(fc.maxSafeNat()) });
  await fc.assert(
    fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 20 }), async (some) => {
      const router = newId();
      const rows = some.map((one) => ({
        ...one,
        id: newId(),
        household,
        router,
        time_source: 'ntp',
        at: 1,
        received_at: 2,
      }));
      await insertSet(db, 'event', columns, rows).execute();
      const stored = await db
        .selectFrom('event')
        .selectAll()
        .where('router', '=', router)
        .orderBy('id')
        .execute();
      expect(stored).toEqual(
        rows.map((row) => ({ ...row, kind: held(row.kind), payload: held(row.payload) })),
      );
    }),
    { numRuns: 60 },
  );
});

function held(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}
