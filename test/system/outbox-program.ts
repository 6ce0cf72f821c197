// Puts events into an outbox, as fast as it takes them, and removes some as the cloud acknowledges them:
// node outbox-program.ts FOLDER. Prints `put ID` when an event is acknowledged to who told it, `removing ID` before one goes.
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@khien/shared/id';
import { SystemClock } from '../../daemon/src/clock/system-clock.ts';
import { Outbox } from '../../daemon/src/outbox/outbox.ts';

const [folder = ''] = process.argv.slice(2);
const log = { info: () => undefined, warn: console.error, error: console.error };
const outbox = new Outbox({ folder, clock: new SystemClock(''), log, capacity: 10_000 });
await outbox.start();
for (const { id } of outbox.oldest(10_000)) console.log(`found ${id}`);
console.log('ready');

const child = { profile: newId(), device: newId() };
for (let round = 0; ; round++) {
  const request = newId();
  await outbox.put({
    kind: 'request',
    ...child,
    request,
    ask: 'help',
    minutes: 0,
    text: 'x'.repeat(round % 400),
  });
  const newest = outbox.oldest(10_000).at(-1);
  console.log(`put ${newest?.id}`);
  if (round % 5 === 4) {
    const [oldest] = outbox.oldest(1);
    console.log(`removing ${oldest?.id}`);
    await outbox.remove(oldest === undefined ? [] : [oldest.id]);
  }
  await delay(1);
}
