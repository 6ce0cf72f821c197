import { type Device, nothingUsed, type Profile, type Rules } from '@khien/shared/policy';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { AN, BINH, GUEST_MAC, inForce } from '../dns/fixture/household.ts';
import { FakeDevices } from '../dns/fixture/lan.ts';
import { fakeLists } from '../dns/fixture/lists.ts';
import { InForce, nothingInForce } from '../policy/in-force.ts';
import type { UsedAt } from '../usage/account.ts';
import { type ExplainDeps, explain } from './explain.ts';
import { type DeviceExplanation, explanationSchema, type Rule } from './explanation.ts';
import type { KernelSide } from './kernel-side.ts';
import { printExplanation } from './print.ts';

// Saturday, 21 November 2026, 19:00 in Viet Nam.
const NOW = Date.UTC(2026, 10, 21, 12);
const BEDTIME = {
  id: AN.device,
  name: 'Giờ ngủ',
  mode: 'offline' as const,
  holidays: 'included' as const,
  days: [1, 2, 3, 4, 5, 6, 7],
  start: '21:00',
  end: '06:00',
};
/** The hyphen can be read as the length of a label; see `hasSecondReading`. */
const SECOND_READING = 'play-abcdefghijklm.com';
const HELP_NAME = 'tongdai111.vn';

const kernel: KernelSide = {
  managed: new Set([AN.mac, BINH.mac]),
  leases: new Set([AN.mac, BINH.mac]),
  known: new Set(),
  namesLoaded: true,
};

interface Home {
  an?: Partial<Profile>;
  anRules?: Partial<Rules>;
  kernel?: KernelSide | undefined;
  now?: number;
  used?: UsedAt;
  /** Of An's tablet. */
  device?: { pause: Device['pause'] };
}

function deps(home: Home = {}): ExplainDeps {
  const { policy, contacts } = inForce(home);
  const devices = policy.devices.map((each) => (each.id === AN.device ? { ...each, ...home.device } : each));
  const current = new InForce({ ...policy, devices }, contacts);
  return {
    clock: new ManualClock(home.now ?? NOW),
    inForce: () => current,
    versions: () => ({ policy: 5, contacts: 2, lists: 1 }),
    lists: () => fakeLists({ 'bet.example': 1 << 1, 'social.example': 1 << 6 }, 'f00dfeedf00dfeed'),
    used: () => home.used ?? nothingUsed,
    devices: new FakeDevices({ '192.168.1.10': AN.mac, '192.168.1.11': BINH.mac }),
    provisional: () => [],
    enforcement: () => 'enforcing',
    kernel: () => Promise.resolve('kernel' in home ? home.kernel : kernel),
  };
}

/** What is said of An's tablet; through the schema that the client uses. */
async function ofAn(name: string, home: Home = {}) {
  const found = explanationSchema.parse(await explain({ ask: 'explain', name, device: AN.mac }, deps(home)));
  const [device] = found.devices;
  if (device === undefined || found.devices.length !== 1) throw new Error('one device was asked for');
  return device;
}

async function printed(name: string, device?: string, home: Home = {}): Promise<string> {
  const request = { ask: 'explain' as const, name, ...(device === undefined ? {} : { device }) };
  return printExplanation(await explain(request, deps(home)));
}

describe('the decision and its rule', () => {
  it.each<[string, string, Home, DeviceExplanation['decision'], Rule]>([
    ['nothing', 'vnexpress.net', {}, 'allowed', { kind: 'no-rule', id: null, listed: null }],
    ['a service', 'm.tiktok.com', {}, 'blocked', { kind: 'service', id: 'tiktok', listed: 'tiktok.com' }],
    ['a list', 'a.bet.example', {}, 'blocked', { kind: 'category', id: 'gambling', listed: 'bet.example' }],
    [
      'a list of what is not blocked',
      'social.example',
      {},
      'allowed',
      { kind: 'no-rule', id: null, listed: null },
    ],
    [
      'an own blocked name',
      'a.game.example',
      { anRules: { blockedNames: ['game.example'] } },
      'blocked',
      { kind: 'blocked-name', id: null, listed: 'game.example' },
    ],
    [
      'an own allowed name, before the service',
      'm.tiktok.com',
      { anRules: { allowedNames: ['m.tiktok.com'] } },
      'allowed',
      { kind: 'allowed-name', id: null, listed: 'm.tiktok.com' },
    ],
    ['help', `www.${HELP_NAME}`, {}, 'help', { kind: 'help', id: null, listed: HELP_NAME }],
    ['the page', 'khien.home.arpa', {}, 'allowed', { kind: 'portal', id: null, listed: 'khien.home.arpa' }],
    ['a canary', 'mask.icloud.com', {}, 'blocked', { kind: 'bypass', id: null, listed: null }],
  ])('is said for %s', async (_, name, home, decision, rule) => {
    expect(await ofAn(name, home)).toMatchObject({ decision, rule });
  });

  it('is said for each child by its own rules', async () => {
    const { devices } = await explain({ ask: 'explain', name: 'www.youtube.com' }, deps());
    expect(devices.map(({ child, decision }) => [child?.name, decision])).toEqual([
      ['An', 'allowed'],
      ['Bình', 'blocked'],
    ]);
  });

  it('is that nobody manages it', async () => {
    const guest = { mac: GUEST_MAC, hostname: null, addresses: [], present: true, lastSeenAt: 0 };
    const lan = { ...deps(), devices: Object.assign(new FakeDevices(), { list: () => [guest] }) };
    const { devices } = await explain({ ask: 'explain', name: 'tiktok.com', device: GUEST_MAC }, lan);
    expect(devices).toMatchObject([
      {
        child: null,
        decision: 'allowed',
        rule: { kind: 'not-managed' },
        network: null,
        kernel: { route: 'resolver' },
      },
    ]);
  });

  it('is that it is new and closed until a parent has looked at it', async () => {
    const { policy, contacts } = deps().inForce();
    const guest = { mac: GUEST_MAC, hostname: null, addresses: [], present: true, lastSeenAt: 0 };
    const closed = {
      ...deps({ kernel: { ...kernel, known: new Set([AN.mac, BINH.mac]) } }),
      inForce: () => new InForce({ ...policy, newDevices: 'quarantine' }, contacts),
      devices: Object.assign(new FakeDevices(), { list: () => [guest] }),
    };
    const of = async (name: string) =>
      (await explain({ ask: 'explain', name, device: GUEST_MAC }, closed)).devices[0];
    expect(await of('tiktok.com')).toMatchObject({
      decision: 'offline',
      rule: { kind: 'quarantine' },
      kernel: { managed: false, passes: false, route: 'responder' },
    });
    expect(await of(HELP_NAME)).toMatchObject({ decision: 'help', rule: { listed: HELP_NAME } });
  });

  it('is told of an address that is only taken for the device’s', async () => {
    const asked = { ...deps(), provisional: () => [{ mac: AN.mac }] };
    const { devices } = await explain({ ask: 'explain', name: 'tiktok.com' }, asked);
    expect(devices.map(({ provisional }) => provisional)).toEqual([[AN.mac], []]);
  });
});

describe('the network', () => {
  const bedtime = { anRules: { schedules: [BEDTIME] } };

  it('is on until the bedtime, in local time', async () => {
    expect((await ofAn('vnexpress.net', bedtime)).network).toEqual({
      online: true,
      reason: 'free',
      until: { at: Date.UTC(2026, 10, 21, 14), local: '2026-11-21T21:00:00+07:00' },
    });
  });

  it('is off by a bedtime, and the rule that waits behind it is said', async () => {
    const device = await ofAn('tiktok.com', { ...bedtime, now: Date.UTC(2026, 10, 21, 15) });
    expect(device).toMatchObject({
      decision: 'offline',
      rule: { kind: 'service' },
      network: { online: false, reason: 'schedule', until: { local: '2026-11-22T06:00:00+07:00' } },
    });
  });

  it('is off by a pause without an end, but for help, the page, and the canaries', async () => {
    const paused = { an: { pause: { since: NOW, until: null } } };
    expect(await ofAn('vnexpress.net', paused)).toMatchObject({
      decision: 'offline',
      network: { online: false, reason: 'pause', until: null },
    });
    expect(await ofAn(HELP_NAME, paused)).toMatchObject({ decision: 'help', network: { online: false } });
    expect(await ofAn('khien.home.arpa', paused)).toMatchObject({ decision: 'allowed' });
    expect(await ofAn('mask.icloud.com', paused)).toMatchObject({ decision: 'blocked' });
  });

  it('is on by extra time, over a pause', async () => {
    const granted = {
      an: { pause: { since: NOW, until: null }, grant: { since: NOW, until: NOW + 90_000 } },
    };
    expect(await ofAn('vnexpress.net', granted)).toMatchObject({
      decision: 'allowed',
      network: { online: true, reason: 'grant', until: { local: '2026-11-21T19:01:30+07:00' } },
    });
  });
});

describe('when it changes', () => {
  const week = (minutes: number) => Array.from({ length: 7 }, () => minutes);
  const quotas = [
    { id: BINH.device, of: { kind: 'service' as const, id: 'youtube' }, minutes: week(30) },
    { id: AN.profile, of: { kind: 'network' as const }, minutes: week(120) },
  ];
  const midnight = NOW + 5 * 3_600_000;
  const limited = (used: number): Home => ({
    anRules: { quotas },
    used: (_child, _quota, at = NOW) => (at < midnight ? used : 0),
  });

  it('is when the time for a service would be used up, and then the next day', async () => {
    expect(await ofAn('m.youtube.com', limited(10))).toMatchObject({
      decision: 'allowed',
      rule: { kind: 'no-rule' },
      until: { local: '2026-11-21T19:20:00+07:00' },
    });
    expect(await ofAn('m.youtube.com', limited(30))).toMatchObject({
      decision: 'blocked',
      rule: { kind: 'quota', id: 'youtube', listed: 'youtube.com' },
      // The network's time would be used up before the next day.
      until: { local: '2026-11-21T20:30:00+07:00' },
    });
    expect(await ofAn('vnexpress.net', limited(30))).toMatchObject({
      decision: 'allowed',
      until: { local: '2026-11-21T20:30:00+07:00' },
    });
    expect(await ofAn('m.youtube.com', limited(120))).toMatchObject({
      decision: 'offline',
      until: { local: '2026-11-22T00:00:00+07:00' },
      network: { online: false, reason: 'quota', until: { local: '2026-11-22T00:00:00+07:00' } },
    });
  });

  it('is when the learning mode ends', async () => {
    const home = { an: { learning: { since: NOW, until: NOW + 3_600_000 } } };
    expect(await ofAn('vnexpress.net', home)).toMatchObject({
      decision: 'blocked',
      rule: { kind: 'learning' },
      until: { local: '2026-11-21T20:00:00+07:00' },
      network: { online: true, reason: 'learning' },
      kernel: { route: 'responder' },
    });
    // Blocked then too.
    expect(await ofAn('tiktok.com', home)).toMatchObject({ decision: 'blocked', until: null });
  });

  it('is when the pause of the device alone ends', async () => {
    const paused = { pause: { since: NOW, until: NOW + 600_000 } };
    const device = await ofAn('vnexpress.net', { device: paused });
    expect(device).toMatchObject({
      decision: 'offline',
      until: { local: '2026-11-21T19:10:00+07:00' },
      network: { online: false, reason: 'device-pause' },
    });
  });

  it('is not known of what always holds', async () => {
    for (const name of [HELP_NAME, 'mask.icloud.com', 'khien.home.arpa']) {
      expect((await ofAn(name, limited(0))).until).toBeNull();
    }
  });
});

describe('where the kernel sends the query', () => {
  const off = (mac: string): KernelSide => ({
    ...kernel,
    leases: new Set([...kernel.leases].filter((m) => m !== mac)),
  });

  it.each<[string, string, Home, Partial<NonNullable<DeviceExplanation['kernel']>>]>([
    ['allowed', 'vnexpress.net', {}, { passes: true, route: 'resolver' }],
    ['blocked by a service', 'a.tiktok.com', {}, { passes: true, route: 'responder' }],
    ['blocked by a list', 'a.bet.example', {}, { passes: true, route: 'responder' }],
    ['in a list that nobody blocks', 'social.example', {}, { passes: true, route: 'resolver' }],
    ["another child's service", 'youtube.com', {}, { passes: true, route: 'responder' }],
    [
      'allowed below a blocked name',
      'm.tiktok.com',
      { anRules: { allowedNames: ['m.tiktok.com'] } },
      { route: 'responder' },
    ],
    ['help', HELP_NAME, {}, { passes: true, route: 'resolver' }],
    ['help without a lease', HELP_NAME, { kernel: off(AN.mac) }, { passes: false, route: 'responder' }],
    [
      'allowed without a lease',
      'vnexpress.net',
      { kernel: off(AN.mac) },
      { passes: false, route: 'responder' },
    ],
    [
      'while names are loaded',
      'vnexpress.net',
      { kernel: { ...kernel, namesLoaded: false } },
      { passes: true, route: 'responder' },
    ],
    [
      'for a device the kernel does not know',
      'tiktok.com',
      { kernel: { ...kernel, managed: new Set<string>() } },
      { managed: false, passes: true, route: 'resolver' },
    ],
    ['by a long name', `${'a'.repeat(31)}.${'b'.repeat(31)}.com`, {}, { passes: true, route: null }],
    [
      'whose key can be read as another',
      `x.${SECOND_READING}`,
      { anRules: { blockedNames: [SECOND_READING] } },
      { passes: true, route: null },
    ],
    ['by a long label', `${'a'.repeat(32)}.com`, {}, { passes: true, route: null }],
  ])('is told for what is %s', async (_, name, home, expected) => {
    expect((await ofAn(name, home)).kernel).toMatchObject(expected);
  });

  it('is not told where the kernel cannot be read', async () => {
    expect((await ofAn('vnexpress.net', { kernel: undefined })).kernel).toBeNull();
  });
});

describe('the printed explanation', () => {
  it('says it all in a few lines', async () => {
    expect(await printed('m.tiktok.com', 'may tinh bang', { anRules: { schedules: [BEDTIME] } })).toBe(
      `m.tiktok.com, 2026-11-21 19:00 +07:00 (Asia/Ho_Chi_Minh)
policy 5, contacts 2, lists f00dfeedf00d; enforcing

Máy tính bảng (An), 02:00:00:00:00:0a
  BLOCKED  service tiktok, by its name tiktok.com
  until    2026-11-21 21:00 at the earliest
  network  on (nothing keeps it off), until 2026-11-21 21:00
  kernel   lets the device out; gives the query to khiend, which decides as above`,
    );
  });

  it('says what would hold if the network were on', async () => {
    const paused = { an: { pause: { since: NOW, until: null } } };
    expect(await printed('vnexpress.net', 'an', paused)).toContain(
      '  OFFLINE  the network is off; when it is on: allowed, no rule is about this name',
    );
    expect(await printed('tiktok.com', 'an', paused)).toContain(
      '  OFFLINE  the network is off; when it is on: blocked, service tiktok, by its name tiktok.com',
    );
  });

  it('shouts where the kernel does not hold the policy', async () => {
    const without = { kernel: { ...kernel, managed: new Set<string>() } };
    expect(await printed('tiktok.com', 'an', without)).toContain('DOES NOT KNOW THIS DEVICE');
  });

  it('says that nothing is known', async () => {
    const unknown = {
      ...deps(),
      inForce: () => nothingInForce,
      versions: () => ({ policy: 0, contacts: 0, lists: 0 }),
    };
    const text = printExplanation(await explain({ ask: 'explain', name: 'tiktok.com' }, unknown));
    expect(text).toContain('No policy is known');
  });

  it('lets no device write to the terminal', async () => {
    const found = await explain({ ask: 'explain', name: 'tiktok.com', device: 'an' }, deps());
    const [device] = found.devices;
    if (device === undefined) throw new Error('no device');
    const text = printExplanation({ ...found, devices: [{ ...device, name: '\u001b[2Jx\n' }] });
    expect(text).toContain('�[2Jx� (An)');
  });
});
