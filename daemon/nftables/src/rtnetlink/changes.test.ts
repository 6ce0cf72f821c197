import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Changes } from './changes.ts';

interface Thing {
  readonly id: number;
  readonly value: string | undefined;
}

it('tells first what is there, then what came, changed and went', () => {
  const changes = new Changes<Thing>(({ id }) => String(id));
  const one = { id: 1, value: 'a' };
  const two = { id: 2, value: undefined };
  expect(changes.next([one, two])).toEqual([
    { change: 'set', object: one },
    { change: 'set', object: two },
  ]);
  expect(changes.next([two, one])).toEqual([]);
  expect(changes.next([{ id: 1, value: 'b' }])).toEqual([
    { change: 'deleted', object: two },
    { change: 'set', object: { id: 1, value: 'b' } },
  ]);
});

it('tells enough to follow any sequence of lists', () => {
  const list = fc.uniqueArray(fc.record({ id: fc.nat(9), value: fc.constantFrom('a', 'b', undefined) }), {
    selector: ({ id }) => id,
  });
  fc.assert(
    fc.property(fc.array(list), (lists) => {
      const changes = new Changes<Thing>(({ id }) => String(id));
      const followed = new Map<number, Thing>();
      for (const now of lists) {
        for (const { change, object } of changes.next(now)) {
          if (change === 'set') followed.set(object.id, object);
          else followed.delete(object.id);
        }
        expect(followed).toEqual(new Map(now.map((thing) => [thing.id, thing])));
      }
    }),
  );
});
