import { nothingUsed } from '@khien/shared/policy';
import { decode, encode } from 'dns-packet';
import { expect, test } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { PORTAL_ADDRESS } from '../layout.ts';
import { InForce } from '../policy/in-force.ts';
import { AN, BINH, inForce as household } from './fixture/household.ts';
import { fakeLists } from './fixture/lists.ts';
import { answerAgain, KeptAnswers } from './kept-answers.ts';
import { type Asker, type BlockedHit, QueryHandler } from './query-handler.ts';
import { Verdicts } from './verdict.ts';

const STRANGER = { mac: undefined };
const NOON = Date.UTC(2026, 10, 21, 5);

function query(name: string, id = 1): Buffer {
  return encode({ type: 'query', id, flags: 0x0100, questions: [{ type: 'A', name }] });
}

function handler() {
  const state = { inForce: household(), lists: fakeLists({ 'bet365.com': 2 }) };
  const clock = new ManualClock(NOON);
  const hits: BlockedHit[] = [];
  const handler = new QueryHandler({
    verdicts: new Verdicts({
      inForce: () => state.inForce,
      lists: () => state.lists,
      clock,
      used: () => nothingUsed,
    }),
    inForce: () => state.inForce,
    resolve: () => Promise.resolve(null),
    allowHelpAddresses: () => Promise.resolve(),
    blocked: (hit) => hits.push(hit),
    odd: () => undefined,
    answered: () => undefined,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const ask = async (message: Buffer, { mac }: Pick<Asker, 'mac'> = AN) => {
    const answer = await handler.handle(message, { mac, from: '192.168.50.10', transport: 'udp' });
    return decode(answer ?? Buffer.alloc(12));
  };
  return { state, clock, hits, ask };
}

test('a query that is asked again gets the same answer under its own id, and is told again', async () => {
  const { ask, hits } = handler();
  const first = await ask(query('m.bet365.com', 7));
  const second = await ask(query('m.bet365.com', 0xfffe));
  expect(first.answers).toMatchObject([{ data: '0.0.0.0' }]);
  expect(second).toEqual({ ...first, id: 0xfffe });
  expect(hits).toHaveLength(2);
  expect(hits[1]).toEqual(hits[0]);
});

test('the letters and the options asked for are those answered', async () => {
  const { ask } = handler();
  await ask(query('m.bet365.com'));
  expect((await ask(query('M.Bet365.com'))).questions).toMatchObject([{ name: 'M.Bet365.com' }]);
});

test('each child’s device is answered by its own rules', async () => {
  const { ask, hits } = handler();
  await ask(query('tiktok.com'));
  expect(await ask(query('tiktok.com'), BINH)).toMatchObject({ rcode: 'SERVFAIL' });
  expect((await ask(query('tiktok.com'), STRANGER)).answers).toMatchObject([{ data: '0.0.0.0' }]);
  expect(hits.map(({ device }) => device)).toEqual([AN.device]);
});

test('another policy, another list and another time answer anew', async () => {
  const { ask, state, clock } = handler();
  const asked = async () => (await ask(query('m.bet365.com'))).answers?.[0];
  expect(await asked()).toMatchObject({ data: '0.0.0.0' });
  state.lists = { ...fakeLists({}), revision: 'another' };
  expect(await asked()).toBeUndefined();
  state.inForce = household({ anRules: { blockedNames: ['bet365.com'] } });
  expect(await asked()).toMatchObject({ data: '0.0.0.0', ttl: 10 });
  state.inForce = household({
    anRules: { blockedNames: ['bet365.com'] },
    an: { pause: { since: 0, until: NOON + 60_000 } },
  });
  expect(await asked()).toMatchObject({ data: PORTAL_ADDRESS, ttl: 5 });
  clock.advance(61_000);
  expect(await asked()).toMatchObject({ data: '0.0.0.0', ttl: 10 });
});

test('the page of who is closed is kept apart from what was allowed', async () => {
  const { ask, state } = handler();
  const { contacts, policy } = household();
  expect((await ask(query('example.org'), STRANGER)).answers).toEqual([]);
  state.inForce = new InForce({ ...policy, newDevices: 'quarantine' }, contacts);
  for (let time = 0; time < 2; time++) {
    expect((await ask(query('example.org'), STRANGER)).answers).toMatchObject([{ data: PORTAL_ADDRESS }]);
  }
});

test('what is kept is bounded, and goes with what it rests on', () => {
  const kept = new KeptAnswers();
  const basis = {};
  const name = (number: number) => query(`n${number}.example.com`);
  for (let number = 0; number < 3000; number++) kept.keep(basis, name(number), name(number), null);
  const found = Array.from({ length: 3000 }, (_, number) => kept.find(basis, name(number)));
  expect(found.filter((each) => each !== undefined).length).toBeLessThanOrEqual(1024);
  const last = kept.find(basis, name(2999));
  expect(last && answerAgain(last, query('n2999.example.com', 0x1234))).toEqual(
    query('n2999.example.com', 0x1234),
  );
  expect(kept.find({}, name(2999))).toBeUndefined();
  const long = Buffer.alloc(513);
  kept.keep(basis, long, long, null);
  expect(kept.find(basis, long)).toBeUndefined();
});
