import { generateKeyPairSync } from 'node:crypto';
import { Authority } from '@khien/cloud/authority/authority';
import { openStore } from '@khien/cloud/store/open';
import { idSchema, newId } from '@khien/shared/id';
import { z } from 'zod';

/** A router that is enrolled, in a household of its own, with one child who has one device. Keys and certificates are PEM. */
export const fleetIdentitySchema = z.object({
  router: idSchema,
  household: idSchema,
  profile: idSchema,
  device: idSchema,
  key: z.string(),
  certificate: z.string(),
  authority: z.string(),
});
export type FleetIdentity = Readonly<z.infer<typeof fleetIdentitySchema>>;

const ROWS_AT_ONCE = 500;

/**
 * Writes households with their routers into a store that nobody uses yet.
 *
 * @param location as `openStore` takes it
 */
export async function addFleet(location: string, count: number): Promise<FleetIdentity[]> {
  const store = await openStore(location);
  try {
    const authority = await Authority.open(store.db);
    const now = Date.now();
    const all: FleetIdentity[] = [];
    while (all.length < count) {
      const made = await Promise.all(
        Array.from({ length: Math.min(ROWS_AT_ONCE, count - all.length) }, () => newIdentity(authority)),
      );
      await store.transaction(async (trx) => {
        const named = { name: 'Fleet', zone: 'Asia/Ho_Chi_Minh', language: 'vi' as const, created_at: now };
        await trx
          .insertInto('household')
          .values(made.map(({ household }) => ({ id: household, ...named })))
          .execute();
        await trx
          .insertInto('router')
          .values(
            made.map(({ router, household, publicKey }) => ({
              id: router,
              household,
              name: 'Router',
              model: 'fleet',
              public_key: publicKey,
              enrolled_at: now,
            })),
          )
          .execute();
        const rules = JSON.stringify({
          blockedCategories: [],
          blockedServices: ['tiktok'],
          allowedNames: [],
          blockedNames: [],
          schedules: [],
          safeSearch: false,
          youtube: 'open',
          quotas: [],
          quotaReset: '00:00',
        });
        await trx
          .insertInto('profile')
          .values(
            made.map(({ profile, household }) => ({
              id: profile,
              household,
              name: 'Mai',
              age_band: '9-11',
              rules,
              created_at: now,
            })),
          )
          .execute();
        await trx
          .insertInto('device')
          .values(
            made.map(({ device, household, profile }) => ({
              id: device,
              household,
              profile,
              addresses: '[]',
              present: 1,
              first_seen_at: now,
              last_seen_at: now,
            })),
          )
          .execute();
        await trx
          .insertInto('device_mac')
          .values(made.map(({ device, household }) => ({ household, device, mac: '02:00:00:00:00:01' })))
          .execute();
      });
      all.push(...made.map(({ publicKey: _publicKey, ...identity }) => identity));
    }
    return all;
  } finally {
    await store.close();
  }
}

async function newIdentity(authority: Authority): Promise<FleetIdentity & { readonly publicKey: string }> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
  const router = newId();
  return {
    router,
    household: newId(),
    profile: newId(),
    device: newId(),
    publicKey,
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: await authority.issueRouterCertificate(router, publicKey),
    authority: authority.certificate,
  };
}
