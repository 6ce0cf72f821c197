// Runs on the router: when the daemon's table is in the kernel, by asking for it every two milliseconds.
import { setTimeout as delay } from 'node:timers/promises';
import { Nftables } from 'node-nftables';
import { answerQuestions, monotonic } from '../../system/worker.ts';

const nft = new Nftables();

answerQuestions({
  async appears() {
    while ((await nft.findTable({ family: 'inet', name: 'khien' })) === undefined) await delay(2);
    return monotonic();
  },
});
