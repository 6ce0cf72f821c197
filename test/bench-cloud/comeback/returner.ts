// A process that is many routers, each of which comes back by itself when its connection ends, as the daemon does.
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@khien/shared/topic';
import { z } from 'zod';
import { BackOff } from '../../../daemon/src/uplink/back-off.ts';
import { FleetRouter } from '../../fleet/fleet-router.ts';
import { type FleetIdentity, fleetIdentitySchema } from '../../fleet/identities.ts';
import { serve } from '../worker.ts';

const orderSchema = z.union([
  z.object({ keep: z.array(fleetIdentitySchema), port: z.number() }),
  z.object({ report: z.literal(true) }),
]);

/** By `daemon/src/uplink/uplink.ts`. */
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 60_000;
/** While all of them come for the first time. */
const AT_ONCE = 50;

/** The document's, not that of a list in it. */
const OWN_VERSION = /"router":"\w+","version":(\d+)/;

const connected = new Map<string, number>();
let tries = 0;
/** How often a try came to nothing, by why. */
const failures = new Map<string, number>();

/** `n`: which of them it is. */
async function keep(identity: FleetIdentity, n: number, port: number, first: () => void): Promise<never> {
  const backOff = new BackOff(FIRST_RETRY, LONGEST_RETRY);
  const edge = { host: '127.0.0.1', port, localAddress: addressOf(n) };
  const versions = { policy: 0, contacts: 0, lists: 0 };
  for (;;) {
    try {
      // Each has still to be sent its policy, as though its household had changed a rule meanwhile.
      versions.policy = 0;
      tries += 1;
      const router = await FleetRouter.connect(identity, edge);
      const current = new Promise<void>((resolve) => {
        router.onDocument = (payload) => {
          const text = payload.toString();
          for (const kind of ['policy', 'contacts', 'lists'] as const) {
            if (text.includes(`"kind":"${kind}"`)) versions[kind] = Number(OWN_VERSION.exec(text)?.[1] ?? 0);
          }
          if (versions.policy > 0) resolve();
        };
      });
      const hello = { daemon: '0.1.0', have: versions, at: Date.now(), timeSource: 'ntp' };
      await router.publishTo(topics.hello(identity.router), JSON.stringify(hello));
      await Promise.race([current, router.closed]);
      connected.set(identity.router, Date.now());
      backOff.reset();
      first();
      await router.closed;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      failures.set(why, (failures.get(why) ?? 0) + 1);
    }
    connected.delete(identity.router);
    await sleep(backOff.next());
  }
}

/** Of loopback: the cloud bounds what comes from one address, and homes have one each. */
function addressOf(n: number): string {
  return `127.1.${n >> 8}.${n & 255}`;
}

serve(async (message) => {
  const order = orderSchema.parse(message);
  if ('report' in order) {
    const newest = Math.max(0, ...connected.values());
    return { connected: connected.size, newest, tries, failures: Object.fromEntries(failures) };
  }
  const waiting = order.keep.entries();
  const lane = async (): Promise<void> => {
    for (const [n, identity] of waiting) {
      await new Promise<void>((resolve) => void keep(identity, n, order.port, resolve));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return { connected: connected.size };
});
