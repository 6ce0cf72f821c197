// A process that is many routers, which publish events as fast as they are acknowledged.
import { newId } from '@khien/shared/id';
import { z } from 'zod';
import { FleetRouter } from '../../fleet/fleet-router.ts';
import { fleetIdentitySchema } from '../../fleet/identities.ts';
import { serve } from '../worker.ts';

const orderSchema = z.union([
  z.object({ connect: z.array(fleetIdentitySchema), port: z.number() }),
  z.object({
    publish: z.object({ port: z.number(), seconds: z.number(), batch: z.number(), lanes: z.number() }),
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
  const { port, seconds, batch, lanes } = order.publish;
  const routers = fleets.get(port) ?? [];
  const latencies: number[] = [];
  let acknowledged = 0;
  const started = performance.now();
  const until = started + seconds * 1000;
  const lane = async (router: FleetRouter): Promise<void> => {
    while (performance.now() < until) {
      const sent = performance.now();
      await router.publish(eventsOf(router, batch));
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
