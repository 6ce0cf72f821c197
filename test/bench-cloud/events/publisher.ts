// A process that is many routers, which publish events as fast as they are acknowledged.
import { newId } from '@khien/shared/id';
import { localDateOf, NO_LIMIT } from '@khien/shared/policy';
import { type LanDevice, type State, topics } from '@khien/shared/topic';
import { z } from 'zod';
import { FleetRouter } from '../../fleet/fleet-router.ts';
import { fleetIdentitySchema } from '../../fleet/identities.ts';
import { serve } from '../worker.ts';

const orderSchema = z.union([
  z.object({ connect: z.array(fleetIdentitySchema), port: z.number() }),
  z.object({
    publish: z.object({
      /** Events as after an outage, or the state of a home, in which a device, the router and a child's minutes change. */
      what: z.enum(['events', 'states']),
      port: z.number(),
      seconds: z.number(),
      batch: z.number(),
      lanes: z.number(),
    }),
  }),
]);

/** By the port of the server that they are connected to. */
const fleets = new Map<number, FleetRouter[]>();

serve(async (message) => {
  const order = orderSchema.parse(message);
  if ('connect' in order) {
    const routers: FleetRouter[] = [];
    for (const identity of order.connect) {
      routers.push(await FleetRouter.connect(identity, { host: '127.0.0.1', port: order.port }));
    }
    fleets.set(order.port, routers);
    return routers.length;
  }
  const { what, port, seconds, batch, lanes } = order.publish;
  const routers = fleets.get(port) ?? [];
  const latencies: number[] = [];
  let acknowledged = 0;
  const started = performance.now();
  const until = started + seconds * 1000;
  const lane = async (router: FleetRouter): Promise<void> => {
    for (let n = 0; performance.now() < until; n += 1) {
      const sent = performance.now();
      if (what === 'events') await router.publish(eventsOf(router, batch));
      else await router.publishTo(topics.state(router.identity.router), stateOf(router, n));
      const now = performance.now();
      if (now <= until) acknowledged += batch;
      latencies.push(now - sent);
    }
  };
  await Promise.all(routers.flatMap((router) => Array.from({ length: lanes }, () => lane(router))));
  return { acknowledged, latencies, seconds };
});

function eventsOf({ identity }: FleetRouter, count: number) {
  const at = Date.now();
  const { profile, device } = identity;
  return Array.from({ length: count }, () => ({
    id: newId(),
    at,
    timeSource: 'ntp' as const,
    kind: 'blocked' as const,
    profile,
    device,
    burst: newId(),
    target: { kind: 'service' as const, id: 'tiktok', name: 'tiktok.com' },
    count: 1,
    firstAt: at,
    lastAt: at,
  }));
}

/**
 * With one of its devices come or gone, a list of another length and a minute more since the last. At QoS 1 here, so that it is
 * known when it is done.
 */
function stateOf({ identity: { profile } }: FleetRouter, n: number): string {
  const at = Date.now();
  const devices = Array.from(
    { length: 6 },
    (_, index): LanDevice => ({
      mac: `02:00:00:00:00:0${index + 1}`,
      hostname: null,
      addresses: [`192.168.1.${index + 10}`],
      present: index > 0 || n % 2 === 0,
      lastSeenAt: at,
      fingerprint: null,
    }),
  );
  const state: State = {
    at,
    timeSource: 'ntp',
    daemon: '0.1.0',
    inForce: { policy: 1, contacts: 1, lists: 1 },
    enforcement: 'enforcing',
    devices,
    usage: [{ profile, day: localDateOf(at), of: { kind: 'network' }, minutes: Math.min(n, NO_LIMIT) }],
    lists: { version: '1', names: 100_000 + n, leftOut: [] },
  };
  return JSON.stringify(state);
}
