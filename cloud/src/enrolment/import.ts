import { KhienError } from '@khien/shared/error';
import { type Instant, newId } from '@khien/shared/id';
import type { Store, Trx } from '../store/open.ts';
import { type Entry, entriesOf, ispKeyOf, verifyManifest } from './manifest.ts';
import { parseRouterKey } from './public-key.ts';

/** Lines of one transaction. */
const AT_ONCE = 500;

/** What became of a line. The good ones: it is new, or is there as the line says. */
export type Outcome =
  | 'IMPORTED'
  | 'UNCHANGED'
  /** The line is no router. */
  | 'LINE_INVALID'
  /** The key is no P-256 key. */
  | 'KEY_INVALID'
  /** Another router of this provider has the serial, the key or the code already. */
  | 'CONFLICT'
  | 'KEY_REVOKED';

export interface Reported {
  readonly line: number;
  readonly serial: string | undefined;
  readonly outcome: Outcome;
}

/**
 * Adds a provider, or gives it another key.
 *
 * @param pem its public key, Ed25519 or P-256
 * @throws KhienError `INVALID_INPUT`
 */
export async function addIsp(store: Store, name: string, pem: string, now: Instant): Promise<void> {
  const publicKey = ispKeyOf(pem);
  if (publicKey === undefined || name.length === 0 || name.length > 64) {
    throw new KhienError('INVALID_INPUT', 'a provider has a name and an Ed25519 or P-256 public key (PEM)');
  }
  await store.db
    .insertInto('isp')
    .values({ name, public_key: publicKey, added_at: now })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ public_key: publicKey }))
    .execute();
}

/**
 * Makes the routers of a provider's manifest known, so that each enrols when it is plugged in. A manifest may be imported
 * again, also one that was cut short.
 *
 * @param options.dry changes nothing; the report says what would be
 * @param options.report is told of each line, in their order
 * @throws KhienError `MANIFEST_INVALID`; nothing was imported then
 */
export async function importManifest(
  store: Store,
  file: string,
  options: { readonly dry: boolean; readonly now: Instant; readonly report: (line: Reported) => void },
): Promise<void> {
  const isp = await verifyManifest(file, async (name) => {
    const row = await store.db
      .selectFrom('isp')
      .select('public_key')
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.public_key;
  });
  let waiting: { line: number; entry: Entry | undefined }[] = [];
  const take = async () => {
    const lines = waiting;
    waiting = [];
    const reports = await store.transaction(async (trx) => {
      const reported: Reported[] = [];
      for (const { line, entry } of lines) {
        const outcome = entry === undefined ? 'LINE_INVALID' : await takeEntry(trx, isp, entry, options);
        reported.push({ line, serial: entry?.serial, outcome });
      }
      return reported;
    });
    for (const each of reports) options.report(each);
  };
  for await (const line of entriesOf(file)) {
    waiting.push(line);
    if (waiting.length >= AT_ONCE) await take();
  }
  await take();
}

async function takeEntry(
  trx: Trx,
  isp: string,
  entry: Entry,
  { dry, now }: { readonly dry: boolean; readonly now: Instant },
): Promise<Outcome> {
  const key = parseRouterKey(entry.key);
  if (key === undefined) return 'KEY_INVALID';
  const revoked = await trx
    .selectFrom('revoked_key')
    .select('revoked_at')
    .where('public_key', '=', key.spki)
    .executeTakeFirst();
  if (revoked !== undefined) return 'KEY_REVOKED';
  const there = await trx
    .selectFrom('stock')
    .selectAll()
    .where((stock) =>
      stock.or([
        stock('public_key', '=', key.spki),
        stock('claim', '=', entry.claim),
        stock.and([stock('isp', '=', isp), stock('serial', '=', entry.serial)]),
      ]),
    )
    .execute();
  const [same] = there;
  if (same !== undefined) {
    // Of a router that a family has given away it is known by now who made it.
    const isOffered = there.length === 1 && same.public_key === key.spki && same.isp === null;
    if (isOffered && !dry) {
      const { serial, model, claim } = entry;
      await trx
        .updateTable('stock')
        .set({ isp, serial, model, claim })
        .where('public_key', '=', key.spki)
        .execute();
    }
    if (isOffered) return 'IMPORTED';
    const isSame =
      there.length === 1 &&
      same.public_key === key.spki &&
      same.isp === isp &&
      same.serial === entry.serial &&
      same.model === entry.model &&
      same.claim === entry.claim;
    return isSame ? 'UNCHANGED' : 'CONFLICT';
  }
  if (!dry) {
    const { serial, model, claim } = entry;
    const row = { public_key: key.spki, router: newId(now), isp, serial, model, claim, added_at: now };
    await trx.insertInto('stock').values(row).execute();
  }
  return 'IMPORTED';
}
