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

function home() {
  const state = { inForce: household(), lists: fakeLists({ 'bet365.com': 2 }) };
  const clock = new ManualClock(NOON);
  const verdicts = new Verdicts({
    inForce: () => state.inForce,
    lists: () => state.lists,
    clock,
    used: () => nothingUsed,
  });
  return { state, clock, verdicts };
}

function handler() {
  const { state, clock, verdicts } = home();
  const hits: BlockedHit[] = [];
  const handler = new QueryHandler({
    verdicts,
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

const PAUSED = { since: 0, until: NOON + 60_000 };
const nth = (number: number) => query(`n${number}.example.com`);

/** What is kept beside the verdicts of a home, of the first `count` names. */
function keeping() {
  const { verdicts, ...rest } = home();
  const kept = new KeptAnswers(verdicts);
  const basisOf = (mac: string | undefined): object => verdicts.basisFor(mac) ?? expect.fail('no basis');
  const keep = (basis: object, count: number) => {
    for (let number = 0; number < count; number++) kept.keep(basis, nth(number), nth(number), null);
  };
  const found = (basis: object, count: number) =>
    Array.from({ length: count }, (_, number) => kept.find(basis, nth(number))).filter(
      (each) => each !== undefined,
    ).length;
  return { ...rest, kept, basisOf, keep, found };
}

test('what is kept is bounded, for all askers together', () => {
  const { kept, basisOf, keep, found } = keeping();
  const [an, binh] = [basisOf(AN.mac), basisOf(BINH.mac)];
  keep(an, 3000);
  keep(binh, 700);
  expect(found(an, 3000) + found(binh, 700)).toBeLessThanOrEqual(1024);
  const last = kept.find(binh, nth(699));
  expect(last && answerAgain(last, query('n699.example.com', 0x1234))).toEqual(
    query('n699.example.com', 0x1234),
  );
  const [longest, longer] = [Buffer.alloc(300), Buffer.alloc(301)];
  kept.keep(an, longest, longest, null);
  kept.keep(an, longer, longer, null);
  expect(kept.find(an, longest)).toBeDefined();
  expect(kept.find(an, longer)).toBeUndefined();
});

test('what is kept twice counts once', () => {
  const { basisOf, keep, found } = keeping();
  const an = basisOf(AN.mac);
  for (let time = 0; time < 3; time++) keep(an, 600);
  keep(basisOf(BINH.mac), 400);
  expect(found(an, 600)).toBe(600);
});

test.each<[string, (state: ReturnType<typeof home>['state']) => void]>([
  [
    'policy',
    (state) => {
      state.inForce = household();
    },
  ],
  [
    'list',
    (state) => {
      state.lists = fakeLists({}, 'another');
    },
  ],
])(
  'with another %s what was asked before is forgotten, whoever asks next, and takes no room',
  (_, change) => {
    const { state, basisOf, keep, found } = keeping();
    const before = [basisOf(AN.mac), basisOf(BINH.mac), basisOf(undefined)];
    for (const basis of before) keep(basis, 300);
    expect(before.map((basis) => found(basis, 300))).toEqual([300, 300, 300]);
    change(state);
    const binh = basisOf(BINH.mac);
    expect(before.map((basis) => found(basis, 300))).toEqual([0, 0, 0]);
    keep(binh, 1024);
    expect(found(binh, 1024)).toBe(1024);
  },
);

test('when time says something else for a child, what that child asked before is forgotten, and takes no room', () => {
  const { state, clock, basisOf, keep, found } = keeping();
  state.inForce = household({ an: { pause: PAUSED } });
  const [paused, binh] = [basisOf(AN.mac), basisOf(BINH.mac)];
  keep(paused, 500);
  keep(binh, 500);
  clock.advance(61_000);
  const an = basisOf(AN.mac);
  expect(an).not.toBe(paused);
  expect(found(paused, 500)).toBe(0);
  keep(an, 500);
  expect([found(an, 500), found(binh, 500)]).toEqual([500, 500]);
});
