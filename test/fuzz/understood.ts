import { setTimeout as delay } from 'node:timers/promises';
import { DNS_PORT } from '../../daemon/src/layout.ts';
import type { Attempts } from './attempts.ts';
import { type Oracle, wireName } from './oracle.ts';
import type { TestBed } from './test-bed.ts';

export interface Understanding {
  /** Questions that dnsmasq has understood. */
  readonly questions: number;
  /** Those for names that the child must not reach. */
  readonly blocked: readonly string[];
}

/** As many as a socket's buffer holds, and the milliseconds that dnsmasq takes for them. */
const BURST = 128;
const PAUSE = 8;

/**
 * Sends `count` messages with the real dnsmasq in its place, and reads in its log, and in that of the resolver outside, what
 * was understood: no oracle reads messages as they do.
 */
export async function understoodByDnsmasq(
  bed: TestBed,
  oracle: Oracle,
  attempts: Attempts,
  count: number,
): Promise<Understanding> {
  const { router, internet } = bed.home;
  const sender = bed.wire.sender(bed.home.device('tablet'), 'eth0');
  await bed.wire.record(router, [DNS_PORT], () => undefined);
  router.dnsmasq.forgetQueries();
  internet.dnsmasq.forgetQueries();
  for (let sent = 0; sent < count; sent += BURST) {
    const burst = Array.from({ length: Math.min(BURST, count - sent) }, (_, index) =>
      attempts.next(sent + index),
    );
    await sender.send(burst.flatMap(({ sent: { frames } }) => frames));
    await delay(PAUSE);
  }
  await delay(500);
  const queries = router.dnsmasq.queries();
  const blocked = [...queries, ...internet.dnsmasq.queries()].filter(({ name }) =>
    oracle.mustBeHeldBack(wireName(name)),
  );
  if (!router.dnsmasq.running) throw new Error('dnsmasq has ended');
  return { questions: queries.length, blocked: blocked.map(({ name, type }) => `${type} ${name}`) };
}
