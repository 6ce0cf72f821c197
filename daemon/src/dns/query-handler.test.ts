import { nothingUsed } from '@khien/shared/policy';
import { decode, encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { PORTAL_ADDRESS } from '../layout.ts';
import { nothingInForce } from '../policy/in-force.ts';
import { AN, inForce as household } from './fixture/household.ts';
import { fakeLists } from './fixture/lists.ts';
import type { Query } from './query.ts';
import { type Asker, type BlockedHit, QueryHandler, type Resolve } from './query-handler.ts';
import { Verdicts } from './verdict.ts';

const OPT = {
  type: 'OPT' as const,
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

function query(name: string, type = 'A', id = 9): Buffer {
  const packet = { type: 'query', id, flags: 0x0100, questions: [{ type, name }], additionals: [OPT] };
  return encode(packet as Packet);
}

const asker: Asker = { mac: AN.mac, from: '192.168.50.10', transport: 'udp' };

function handlerWith(
  parts: {
    force?: ReturnType<typeof household>;
    resolve?: Resolve;
    allowHelpAddresses?: (addresses: readonly string[]) => Promise<void>;
    lookup?: () => never;
    opened?: (response: Buffer) => Promise<void>;
  } = {},
) {
  const force = parts.force ?? household();
  const lists = { ...fakeLists({ 'bet365.com': 2 }), ...(parts.lookup && { lookup: parts.lookup }) };
  const hits: BlockedHit[] = [];
  const odd: string[] = [];
  const answered: string[] = [];
  const errors: string[] = [];
  const handler = new QueryHandler({
    verdicts: new Verdicts({
      inForce: () => force,
      lists: () => lists,
      clock: new ManualClock(),
      used: () => nothingUsed,
    }),
    inForce: () => force,
    resolve: parts.resolve ?? (() => Promise.resolve(null)),
    allowHelpAddresses: parts.allowHelpAddresses ?? (() => Promise.resolve()),
    blocked: (hit) => hits.push(hit),
    odd: (mac) => odd.push(mac),
    answered: (name, mac, response, rewritten) => {
      answered.push(`${name} ${mac}${rewritten ? ' rewritten' : ''}`);
      return parts.opened?.(response);
    },
    log: { info: () => undefined, warn: () => undefined, error: (message) => errors.push(message) },
  });
  const ask = async (message: Buffer, from: Partial<Asker> = {}) => {
    const answer = await handler.handle(message, { ...asker, ...from });
    return answer === null ? null : decode(answer);
  };
  return { handler, ask, hits, odd, answered, errors };
}

/** Code and text of the extended error in an answer. */
function ede(packet: Packet | null): string | undefined {
  for (const record of packet?.additionals ?? []) {
    if (record.type !== 'OPT') continue;
    const data = record.options[0]?.data;
    return data && `${data.readUInt16BE(0)} ${data.subarray(2)}`;
  }
  return undefined;
}

test('tells whose message cannot be read, and of no other', async () => {
  const { handler, odd } = handlerWith();
  const twoQuestions = query('hocmai.vn');
  twoQuestions.writeUInt16BE(2, 4);
  for (const mac of [AN.mac, undefined]) {
    for (const message of [twoQuestions, query('tiktok.com'), Buffer.alloc(3)]) {
      await handler.handle(message, { ...asker, mac });
    }
  }
  expect(odd).toEqual([AN.mac]);
});

describe('what is blocked', () => {
  test.each([
    ['A', '0.0.0.0'],
    ['AAAA', '::'],
  ])('gets the unspecified address for %s, and the reason', async (type, address) => {
    const { ask } = handlerWith();
    const answer = await ask(query('www.tiktok.com', type));
    expect(answer?.answers).toMatchObject([{ type, ttl: 10, data: address }]);
    expect(ede(answer)).toBe('17 khien: service tiktok');
  });

  test('has no data of other types', async () => {
    const { ask } = handlerWith();
    const answer = await ask(query('www.tiktok.com', 'TXT'));
    expect(answer).toMatchObject({ rcode: 'NOERROR', answers: [], authorities: [{ type: 'SOA', ttl: 10 }] });
    expect(ede(answer)).toBe('17 khien: service tiktok');
  });

  test('is recorded with its device, its rule and nothing else', async () => {
    const { ask, hits } = handlerWith();
    await ask(query('M.Bet365.com'));
    await ask(query('www.tiktok.com'), { mac: undefined });
    expect(hits).toEqual([
      {
        profile: AN.profile,
        device: AN.device,
        target: { kind: 'category', id: 'gambling', name: 'bet365.com' },
        name: 'm.bet365.com',
      },
    ]);
  });

  test('is not recorded while the network is off', async () => {
    const { ask, hits } = handlerWith({ force: household({ an: { pause: { since: 0, until: null } } }) });
    const answer = await ask(query('www.tiktok.com'));
    expect(answer?.answers).toMatchObject([{ ttl: 5, data: PORTAL_ADDRESS }]);
    expect(ede(answer)).toBe('17 khien: pause');
    expect(hits).toEqual([]);
  });

  test('stays closed where a list cannot be read', async () => {
    const { ask, errors } = handlerWith({
      lookup: () => {
        throw new Error('EIO');
      },
      resolve: () => Promise.reject(new Error('must not be asked')),
    });
    expect(await ask(query('example.org'))).toMatchObject({ rcode: 'SERVFAIL' });
    expect(errors).toHaveLength(1);
  });
});

describe('while the network is off', () => {
  const off = () => handlerWith({ force: household({ an: { pause: { since: 0, until: null } } }) });

  test.each([
    'connectivitycheck.gstatic.com',
    'captive.apple.com',
    'www.msftconnecttest.com',
    'neverssl.com',
  ])("%s leads to the child's page, and nowhere by other ways", async (name) => {
    const { ask } = off();
    expect((await ask(query(name)))?.answers).toMatchObject([{ name, ttl: 5, data: PORTAL_ADDRESS }]);
    for (const type of ['AAAA', 'HTTPS', 'TXT'] as const) {
      const answer = await ask(query(name, type));
      expect(answer, type).toMatchObject({ rcode: 'NOERROR', answers: [], authorities: [{ ttl: 5 }] });
    }
  });

  test('Windows finds the addresses by which it knows a portal', async () => {
    const { ask } = off();
    const addresses = async (type: 'A' | 'AAAA') => (await ask(query('dns.msftncsi.com', type)))?.answers;
    expect(await addresses('A')).toMatchObject([{ data: '131.107.255.255' }]);
    expect(await addresses('AAAA')).toMatchObject([{ data: 'fd3e:4f5a:5b81::1' }]);
  });
});

describe("the child's page", () => {
  const addresses = (packet: Packet | null) =>
    packet?.answers?.map((record) => 'data' in record && record.data);

  test('is at the address that the kernel redirects to it', async () => {
    const { ask } = handlerWith();
    expect(addresses(await ask(query('Khien.Home.Arpa', 'A')))).toEqual(['172.31.53.80']);
    expect(addresses(await ask(query('khien.home.arpa', 'AAAA')))).toEqual([]);
  });

  test('has no data of other types', async () => {
    const { ask } = handlerWith();
    expect(await ask(query('khien.home.arpa', 'TXT'))).toMatchObject({ rcode: 'NOERROR', answers: [] });
  });
});

describe('help', () => {
  const response = encode({
    type: 'response',
    id: 9,
    questions: [{ type: 'A', name: 'tongdai111.vn' }],
    answers: [{ type: 'A', name: 'tongdai111.vn', ttl: 60, data: '192.0.2.40' }],
  });
  const force = household({ an: { pause: { since: 0, until: null } } });

  test('is answered only when the way to its addresses is open', async () => {
    const steps: string[] = [];
    const { handler } = handlerWith({
      force,
      resolve: () => Promise.resolve(response),
      allowHelpAddresses: async (addresses) => {
        steps.push(`opening ${addresses.join()}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        steps.push('open');
      },
    });
    const answer = await handler.handle(query('tongdai111.vn'), asker);
    steps.push('answered');
    expect(answer).toBe(response);
    expect(steps).toEqual(['opening 192.0.2.40', 'open', 'answered']);
  });

  test('is answered also where the way cannot be opened', async () => {
    const { ask, errors } = handlerWith({
      force,
      resolve: () => Promise.resolve(response),
      allowHelpAddresses: () => Promise.reject(new Error('ENOBUFS')),
    });
    expect(await ask(query('tongdai111.vn'))).toMatchObject({ rcode: 'NOERROR' });
    expect(errors).toHaveLength(1);
  });
});

test('tells of answers that it hands on, but of none for help or of its own', async () => {
  const response = Buffer.from(encode({ type: 'response', id: 9, flags: 0x0180, questions: [] }));
  const { ask, answered } = handlerWith({ resolve: () => Promise.resolve(response) });
  for (const name of ['hocmai.vn', 'tongdai111.vn', 'tiktok.com']) await ask(query(name));
  await ask(query('example.org'), { mac: undefined });
  expect(answered).toEqual([`hocmai.vn ${AN.mac}`, 'example.org undefined']);
});

describe('what is told of an answer', () => {
  const response = Buffer.from(
    encode({
      type: 'response',
      id: 9,
      flags: 0x0180,
      questions: [{ type: 'A', name: 'hocmai.vn' }],
      answers: [{ type: 'A', name: 'hocmai.vn', ttl: 60, data: '192.0.2.12' }],
    }),
  );

  test('is waited for before it is handed on', async () => {
    const steps: string[] = [];
    const { ask } = handlerWith({
      resolve: () => Promise.resolve(response),
      opened: async () => {
        steps.push('opening');
        await new Promise((resolve) => setTimeout(resolve, 20));
        steps.push('open');
      },
    });
    await ask(query('hocmai.vn'));
    steps.push('answered');
    expect(steps).toEqual(['opening', 'open', 'answered']);
  });

  test('may fail: the answer is handed on', async () => {
    const { ask, errors } = handlerWith({
      resolve: () => Promise.resolve(response),
      opened: () => Promise.reject(new Error('ENOBUFS')),
    });
    expect(await ask(query('hocmai.vn'))).toMatchObject({
      rcode: 'NOERROR',
      answers: [{ data: '192.0.2.12' }],
    });
    expect(errors).toHaveLength(1);
  });

  test('says whether it is of a filtered form', async () => {
    const force = household({ anRules: { safeSearch: true } });
    const { ask, answered } = handlerWith({ force, resolve: () => Promise.resolve(response) });
    await ask(query('www.bing.com'));
    expect(answered).toEqual([`www.bing.com ${AN.mac} rewritten`]);
  });
});

describe('safe search', () => {
  const force = household({ anRules: { safeSearch: true, youtube: 'strict' } });
  const address = { A: '192.0.2.61', AAAA: '2001:db8:f::61' } as const;

  /** A resolver that knows one address of each type; its answer changed by `change`. */
  function resolver(change: Partial<Packet> = {}, ttl = 300) {
    const asked: string[] = [];
    const resolve = (query: Query, transport: string): Promise<Buffer> => {
      const { id = 0, flags, questions = [], additionals } = decode(query.bytes);
      expect({ flags, additionals }).toEqual({ flags: 0x0100, additionals: [] });
      const [{ name, type } = { name: '', type: 'A' as const }] = questions;
      asked.push(`${transport} ${type} ${name}`);
      const data = type === 'AAAA' ? address.AAAA : address.A;
      const answers = [{ type: type === 'AAAA' ? ('AAAA' as const) : ('A' as const), name, ttl, data }];
      return Promise.resolve(encode({ type: 'response', id, flags: 0x0180, questions, answers, ...change }));
    };
    return { asked, resolve };
  }

  test.each(['A', 'AAAA'] as const)('is an alias with the addresses of its target, for %s', async (type) => {
    const { asked, resolve } = resolver();
    const { ask, hits } = handlerWith({ force, resolve });
    const answer = await ask(query('WWW.Google.com.VN', type));
    expect(answer).toMatchObject({
      id: 9,
      rcode: 'NOERROR',
      questions: [{ name: 'WWW.Google.com.VN', type }],
    });
    expect(answer?.answers).toMatchObject([
      { type: 'CNAME', name: 'WWW.Google.com.VN', ttl: 60, data: 'forcesafesearch.google.com' },
      { type, name: 'forcesafesearch.google.com', ttl: 60, data: address[type] },
    ]);
    expect(asked).toEqual([`udp ${type} forcesafesearch.google.com`]);
    expect(hits).toEqual([]);
  });

  test("holds no longer than its target's addresses", async () => {
    const { ask } = handlerWith({ force, resolve: resolver({}, 7).resolve });
    expect((await ask(query('www.youtube.com')))?.answers).toMatchObject([{ ttl: 7 }, { ttl: 7 }]);
  });

  test.each(['HTTPS', 'SVCB', 'TXT', 'CNAME', 'ANY'])(
    'has no %s, whose data could lead around it',
    async (type) => {
      const { asked, resolve } = resolver();
      const { handler } = handlerWith({ force, resolve });
      const bytes = query('www.google.com');
      const numbers: Record<string, number> = { HTTPS: 65, SVCB: 64, TXT: 16, CNAME: 5, ANY: 255 };
      bytes.writeUInt16BE(numbers[type] ?? 0, 12 + 'www.google.com'.length + 2);
      const answer = await handler.handle(bytes, asker);
      expect(answer && decode(answer)).toMatchObject({
        rcode: 'NOERROR',
        answers: [],
        authorities: [{ ttl: 60 }],
      });
      expect(asked).toEqual([]);
    },
  );

  test('has no data where its target has none of this type', async () => {
    const { ask } = handlerWith({ force, resolve: resolver({ answers: [] }).resolve });
    expect(await ask(query('www.google.com', 'AAAA'))).toMatchObject({ rcode: 'NOERROR', answers: [] });
  });

  test.each([
    ['does not answer', () => Promise.resolve(null), '23 khien: resolver does not answer'],
    ['fails', resolver({ flags: 0x0182 }).resolve, '0 khien: safe search has no address'],
    ['knows no such name', resolver({ flags: 0x0183 }).resolve, '0 khien: safe search has no address'],
    [
      'answers a part, even over TCP',
      resolver({ flags: 0x0380 }).resolve,
      '0 khien: safe search has no address',
    ],
    ['answers nonsense', () => Promise.resolve(Buffer.alloc(5)), '0 khien: safe search has no address'],
  ])('fails where the resolver %s', async (_what, resolve, reason) => {
    const { ask } = handlerWith({ force, resolve });
    const answer = await ask(query('www.google.com'));
    expect(answer).toMatchObject({ rcode: 'SERVFAIL', answers: [] });
    expect(ede(answer)).toBe(reason);
  });

  test('is asked for over TCP where it came over TCP, or UDP had only a part', async () => {
    const whole = resolver();
    const { ask } = handlerWith({ force, resolve: whole.resolve });
    expect((await ask(query('duckduckgo.com'), { transport: 'tcp' }))?.answers).toHaveLength(2);
    expect(whole.asked).toEqual(['tcp A safe.duckduckgo.com']);

    const part = resolver({ flags: 0x0380, answers: [] });
    const { ask: askAgain } = handlerWith({
      force,
      resolve: (asked, transport) => (transport === 'udp' ? part : whole).resolve(asked, transport),
    });
    expect((await askAgain(query('www.bing.com')))?.answers).toHaveLength(2);
    expect(whole.asked.at(-1)).toBe('tcp A strict.bing.com');
  });

  test('keeps the names beside it as they are', async () => {
    const { ask } = handlerWith({ force });
    expect(ede(await ask(query('mail.google.com')))).toBe('23 khien: resolver does not answer');
  });
});

describe('the resolver', () => {
  test('is told of as not answering', async () => {
    const { ask } = handlerWith();
    const answer = await ask(query('example.org'));
    expect(answer).toMatchObject({ rcode: 'SERVFAIL' });
    expect(ede(answer)).toBe('23 khien: resolver does not answer');
  });

  test('is asked a bounded number of things for one device at a time', async () => {
    const waiting: (() => void)[] = [];
    const { handler } = handlerWith({
      resolve: () => new Promise((resolve) => waiting.push(() => resolve(null))),
    });
    const asked = Array.from({ length: 200 }, (_, n) => handler.handle(query(`n${n}.example`), asker));
    const answered = asked.map((answer) => Promise.resolve(answer));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(waiting).toHaveLength(128);
    const last = await answered.at(-1);
    expect(ede(last ? decode(last) : null)).toBe('0 khien: too many queries at once');
    for (const settle of waiting) settle();
    await Promise.all(answered);
    void handler.handle(query('again.example'), asker);
    expect(waiting).toHaveLength(129);
  });
});

test('nothing that is sent makes it throw', async () => {
  const { handler } = handlerWith();
  const base = query('www.tiktok.com');
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
        fc
          .tuple(
            fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 3 }),
            fc.nat(base.length),
          )
          .map(([changes, cut]) => {
            const copy = Buffer.from(base);
            for (const [at, value] of changes) copy[at] = value;
            return copy.subarray(0, cut);
          }),
      ),
      async (bytes) => {
        const answer = await handler.handle(bytes, asker);
        if (answer === null) return;
        expect(answer.readUInt16BE(0)).toBe(bytes.readUInt16BE(0));
        decode(answer);
      },
    ),
    { numRuns: 20_000, seed: 1821 },
  );
});

test('without a policy nothing is resolved but help', async () => {
  const { ask } = handlerWith({ force: nothingInForce });
  const answer = await ask(query('www.example.org'));
  expect(answer).toMatchObject({ rcode: 'SERVFAIL', answers: [] });
  expect(ede(answer)).toBe('14 khien: the policy is not here yet');
  expect(ede(await ask(query('tongdai111.vn')))).toBe('23 khien: resolver does not answer');
});
