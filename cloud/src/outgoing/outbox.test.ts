import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { deliverWebhooks } from '../webhooks/deliver.ts';
import { queueMessage } from '../webhooks/queue.ts';
import type { Answer } from './post.ts';

let cloud: TestCloud;
let parent: Parent;
beforeAll(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
});
afterAll(() => cloud.stop());

const TAKEN: Answer = { status: 200, retryAfter: null };

async function queue(host: string, messages: number): Promise<void> {
  const { id: webhook } = (
    await parent.post('/webhooks', { url: `https://${host}/`, kinds: ['help'] })
  ).json();
  for (let n = 0; n < messages; n += 1) {
    await queueMessage(cloud.store.db, { webhook, notification: null, due: cloud.now }, cloud.now);
  }
}

test('who never answers keeps one place, and nobody else waiting', async () => {
  let answer = (_answer: Answer): void => undefined;
  const stuck = new Promise<Answer>((resolve) => {
    answer = resolve;
  });
  await queue('stuck.example.com', 1);
  await queue('quick.example.com', 50);
  const { store, changes } = cloud;
  const sent: string[] = [];
  const passed = deliverWebhooks({
    store,
    changes,
    log: cloud.app.log,
    now: () => cloud.now,
    post: ({ host }) => {
      sent.push(host);
      return host.startsWith('stuck') ? stuck : Promise.resolve(TAKEN);
    },
  });
  const waiting = () => store.db.selectFrom('webhook_delivery').select('attempts').execute();
  await vi.waitFor(async () => expect(await waiting()).toEqual([{ attempts: 1 }]), { timeout: 10_000 });
  answer(TAKEN);
  expect(await passed).toBe(51);
  expect(sent).toHaveLength(51);
  expect(await waiting()).toEqual([]);
});
