import { openStore } from '@khien/cloud/store/open';
import type { Id } from '@khien/shared/id';
import { sql } from 'kysely';
import { counterOf } from '../fleet/fleet-parent.ts';

/** What the store holds after all that was done to it, against what was acknowledged. */
export interface Verdict {
  readonly acknowledged: number;
  /** Events whose acknowledgement came and that are not there. */
  readonly lost: number;
  readonly stored: number;
  /** Rows of the log of blocked tries that are there more or less often than their events. */
  readonly doubled: number;
  /** The counter in the newest policy of the household, and in what its router has. */
  readonly policyStored: number;
}

/** Reads a store that nobody uses any more. */
export async function judge(location: string, acknowledged: ReadonlySet<Id>, router: Id): Promise<Verdict> {
  const store = await openStore(location);
  try {
    const stored = new Set<Id>();
    for (let last = ''; ; ) {
      const page = await store.db
        .selectFrom('event')
        .select('id')
        .where('id', '>', last)
        .where('kind', '=', 'blocked')
        .orderBy('id')
        .limit(20_000)
        .execute();
      for (const { id } of page) stored.add(id);
      last = page.at(-1)?.id ?? '';
      if (page.length === 0) break;
    }
    const lost = [...acknowledged].filter((id) => !stored.has(id)).length;
    const { rows } = await sql<{ bursts: number; tries: number; events: number }>`
      select (select count(*) from burst) as bursts, (select sum(tries) from burst) as tries,
        (select count(*) from event where kind = 'blocked') as events`.execute(store.db);
    const { bursts, tries, events } = rows[0] ?? { bursts: 0, tries: 0, events: 0 };
    const document = await store.db
      .selectFrom('document')
      .select('signed')
      .where('router', '=', router)
      .where('kind', '=', 'policy')
      .executeTakeFirst();
    return {
      acknowledged: acknowledged.size,
      lost,
      stored: stored.size,
      doubled: Math.abs(Number(bursts) - Number(events)) + Math.abs(Number(tries) - Number(events)),
      policyStored: counterOf(document?.signed ?? ''),
    };
  } finally {
    await store.close();
  }
}
