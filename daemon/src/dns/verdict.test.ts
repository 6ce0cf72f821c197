import { nothingUsed, type Quota, type Used } from '@khien/shared/policy';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { InForce, nothingInForce } from '../policy/in-force.ts';
import { AN, BINH, GUEST_MAC, inForce, policy } from './fixture/household.ts';
import { fakeLists } from './fixture/lists.ts';
import { Verdicts } from './verdict.ts';

const NOON = Date.UTC(2026, 10, 21, 5);

function verdicts(
  force = inForce(),
  lists = fakeLists({ 'bet365.com': 1 << 1, 'porn.example': 1 }),
  used: Used = nothingUsed,
) {
  const clock = new ManualClock(NOON);
  const state = { force, lists };
  return {
    clock,
    state,
    of: new Verdicts({
      inForce: () => state.force,
      lists: () => state.lists,
      clock,
      used: () => used,
    }),
  };
}

describe('Verdicts', () => {
  test('decides by the rules of the child whose device asks', () => {
    const { of } = verdicts();
    expect(of.of(AN.mac, 'www.tiktok.com')).toEqual({
      kind: 'blocked',
      target: { kind: 'service', id: 'tiktok', name: 'tiktok.com' },
    });
    expect(of.of(BINH.mac, 'www.tiktok.com')).toEqual({ kind: 'resolve' });
    expect(of.of(BINH.mac, 'm.youtube.com')).toMatchObject({ kind: 'blocked' });
    expect(of.of(GUEST_MAC, 'www.tiktok.com')).toEqual({ kind: 'resolve' });
  });

  test('looks lists up exactly, by the categories of the policy', () => {
    const { of } = verdicts();
    expect(of.of(AN.mac, 'm.bet365.com')).toEqual({
      kind: 'blocked',
      target: { kind: 'category', id: 'gambling', name: 'bet365.com' },
    });
    expect(of.of(AN.mac, 'xbet365.com')).toEqual({ kind: 'resolve' });
    expect(of.of(AN.mac, 'porn.example')).toEqual({ kind: 'resolve' });
    expect(of.of(AN.mac, '\\001.bet365.com')).toMatchObject({ kind: 'blocked' });
    expect(of.of(AN.mac, 'a\\046bet365.com')).toEqual({ kind: 'resolve' });
    expect(of.of(AN.mac, '')).toEqual({ kind: 'resolve' });
  });

  test('takes the strictest rules for a device that is not known', () => {
    const { of } = verdicts(inForce({ anRules: { allowedNames: ['tiktok.com'] } }));
    expect(of.of(AN.mac, 'tiktok.com')).toEqual({ kind: 'resolve' });
    for (const name of ['tiktok.com', 'youtube.com', 'bet365.com']) {
      expect(of.of(undefined, name)).toMatchObject({ kind: 'blocked' });
    }
    expect(of.of(undefined, 'tongdai111.vn')).toEqual({ kind: 'help' });
    expect(of.of(undefined, 'example.org')).toEqual({ kind: 'resolve' });
    const paused = inForce({ an: { pause: { since: 0, until: null } } });
    expect(verdicts(paused).of.of(undefined, 'example.org')).toMatchObject({ kind: 'offline' });
    expect(verdicts(nothingInForce).of.of(undefined, 'tiktok.com')).toEqual({ kind: 'unknown' });
    expect(verdicts(nothingInForce).of.of(AN.mac, 'example.org')).toEqual({ kind: 'unknown' });
  });

  test('leads strangers in quarantine to the page, and only these', () => {
    const { contacts, policy: body } = inForce();
    const closed = new InForce({ ...body, newDevices: 'quarantine', known: ['02:00:00:00:00:77'] }, contacts);
    const { of } = verdicts(closed);
    const offline = { kind: 'offline', reason: 'quarantine' };
    for (const mac of [GUEST_MAC, undefined]) {
      expect(of.of(mac, 'example.org')).toEqual(offline);
      expect(of.of(mac, 'connectivitycheck.gstatic.com')).toEqual(offline);
      expect(of.of(mac, 'tongdai111.vn')).toEqual({ kind: 'help' });
      expect(of.of(mac, 'khien.home.arpa')).toEqual({ kind: 'portal' });
    }
    for (const mac of ['02:00:00:00:00:77', AN.mac]) {
      expect(of.of(mac, 'example.org')).toEqual({ kind: 'resolve' });
    }
  });

  test('blocks a service whose time is used up, until there is time again', () => {
    const quota: Quota = {
      id: AN.device,
      of: { kind: 'service', id: 'youtube' },
      minutes: [30, 30, 30, 30, 30, 30, 30],
    };
    const time = { used: 29 };
    const { of, clock } = verdicts(inForce({ anRules: { quotas: [quota] } }), fakeLists({}), () => time.used);
    expect(of.of(AN.mac, 'm.youtube.com')).toEqual({ kind: 'resolve' });
    time.used = 30;
    clock.advance(1000);
    const spent = { kind: 'blocked', target: { kind: 'quota', id: 'youtube', name: 'youtube.com' } };
    expect(of.of(AN.mac, 'm.youtube.com')).toEqual(spent);
    expect(of.of(AN.mac, 'example.org')).toEqual({ kind: 'resolve' });
    time.used = 0;
    clock.advance(1000);
    expect(of.of(AN.mac, 'm.youtube.com')).toEqual({ kind: 'resolve' });
  });

  test('in the learning mode allows what study needs, own names, and what systems ask', () => {
    const learning = { since: 0, until: NOON + 60_000 };
    const { policy, contacts } = inForce({ an: { learning }, anRules: { allowedNames: ['zing.vn'] } });
    const { of, clock } = verdicts(new InForce({ ...policy, learningNames: ['hocmai.vn'] }, contacts));
    for (const name of ['www.hocmai.vn', 'zing.vn', 'connectivitycheck.gstatic.com']) {
      expect(of.of(AN.mac, name), name).toEqual({ kind: 'resolve' });
    }
    expect(of.of(AN.mac, 'tongdai111.vn')).toEqual({ kind: 'help' });
    const blocked = { kind: 'blocked', target: { kind: 'learning', id: 'learning', name: '' } };
    for (const mac of [AN.mac, undefined]) expect(of.of(mac, 'example.org')).toEqual(blocked);
    expect(of.of(BINH.mac, 'example.org')).toEqual({ kind: 'resolve' });
    clock.advance(60_000);
    expect(of.of(AN.mac, 'example.org')).toEqual({ kind: 'resolve' });
  });

  test('answers a device that is paused alone, and not the child’s others', () => {
    const { policy, contacts } = inForce();
    const [tablet] = policy.devices;
    if (tablet === undefined) throw new Error('no device');
    const other = { ...tablet, id: BINH.profile, macs: ['02:00:00:00:00:0c'] };
    const pause = { since: 0, until: NOON + 60_000 };
    const devices = [{ ...tablet, pause }, other, ...policy.devices.slice(1)];
    const { of, clock } = verdicts(new InForce({ ...policy, devices }, contacts));
    expect(of.of(AN.mac, 'example.org')).toEqual({ kind: 'offline', reason: 'pause' });
    expect(of.of('02:00:00:00:00:0c', 'example.org')).toEqual({ kind: 'resolve' });
    expect(of.of(undefined, 'example.org')).toMatchObject({ kind: 'offline' });
    clock.advance(60_000);
    expect(of.of(AN.mac, 'example.org')).toEqual({ kind: 'resolve' });
  });

  test('leads to safe search by the rules of the child, what is blocked stays blocked', () => {
    const google = { kind: 'rewrite', to: 'forcesafesearch.google.com' };
    const { of, state } = verdicts(
      inForce({ anRules: { safeSearch: true, youtube: 'moderate', quotas: [], quotaReset: '00:00' } }),
    );
    expect(of.of(AN.mac, 'www.google.com.vn')).toEqual(google);
    expect(of.of(AN.mac, 'm.youtube.com')).toEqual({ kind: 'rewrite', to: 'restrictmoderate.youtube.com' });
    expect(of.of(AN.mac, 'mail.google.com')).toEqual({ kind: 'resolve' });
    expect(of.of(AN.mac, 'a.www.google.com')).toEqual({ kind: 'resolve' });
    expect(of.of(BINH.mac, 'www.google.com')).toEqual({ kind: 'resolve' });
    expect(of.of(GUEST_MAC, 'www.google.com')).toEqual({ kind: 'resolve' });
    expect(of.of(BINH.mac, 'www.youtube.com')).toMatchObject({ kind: 'blocked' });
    expect(of.of(undefined, 'www.google.com')).toEqual(google);
    expect(of.of(undefined, 'www.youtube.com')).toMatchObject({ kind: 'blocked' });

    state.force = inForce({ anRules: { safeSearch: true, blockedNames: ['google.com'] } });
    expect(of.of(AN.mac, 'www.google.com')).toMatchObject({ kind: 'blocked' });
    state.force = inForce({ anRules: { safeSearch: true, allowedNames: ['www.google.com'] } });
    expect(of.of(AN.mac, 'www.google.com')).toEqual({ kind: 'resolve' });
    state.force = inForce({ an: { pause: { since: 0, until: null } }, anRules: { safeSearch: true } });
    expect(of.of(AN.mac, 'www.google.com')).toEqual({ kind: 'offline', reason: 'pause' });
  });

  test('what systems ask to know whether a network is open is never blocked, but off with the network', () => {
    const { of, state } = verdicts(
      inForce({ anRules: { blockedNames: ['apple.com', 'gstatic.com', 'msftconnecttest.com'] } }),
    );
    for (const name of ['captive.apple.com', 'connectivitycheck.gstatic.com', 'www.msftconnecttest.com']) {
      expect(of.of(AN.mac, name)).toEqual({ kind: 'resolve' });
      expect(of.of(AN.mac, `a.${name}`)).toMatchObject({ kind: 'blocked' });
    }
    state.force = inForce({ an: { pause: { since: 0, until: null } } });
    expect(of.of(AN.mac, 'captive.apple.com')).toEqual({ kind: 'offline', reason: 'pause' });
  });

  test('without a lease there are help, the page and the canaries, and nothing else', () => {
    const { of } = verdicts(inForce({ an: { pause: { since: 0, until: null } } }));
    expect(of.of(AN.mac, 'example.org')).toEqual({ kind: 'offline', reason: 'pause' });
    expect(of.of(AN.mac, 'tiktok.com')).toEqual({ kind: 'offline', reason: 'pause' });
    expect(of.of(AN.mac, 'www.tongdai111.vn')).toEqual({ kind: 'help' });
    expect(of.of(AN.mac, 'epdg.epc.mnc004.mcc452.pub.3gppnetwork.org')).toEqual({ kind: 'help' });
    expect(of.of(AN.mac, 'khien.home.arpa')).toEqual({ kind: 'portal' });
    expect(of.of(AN.mac, 'mask.icloud.com')).toEqual({ kind: 'absent' });
    expect(of.of(BINH.mac, 'example.org')).toEqual({ kind: 'resolve' });
  });

  test.each([
    ['use-application-dns.net', 'absent'],
    ['mask.icloud.com', 'absent'],
    ['mask-h2.icloud.com', 'absent'],
    ['mask-canary.icloud.com', 'absent'],
    ['_dns.resolver.arpa', 'empty'],
    ['resolver.arpa', 'empty'],
    ['www.khien.home.arpa', 'absent'],
    ['icloud.com', 'resolve'],
  ])('%s is %s for a managed device', (name, kind) => {
    expect(verdicts().of.of(AN.mac, name).kind).toBe(kind);
    expect(verdicts().of.of(undefined, name).kind).toBe(kind);
  });

  test('leaves the canaries of a device that nobody manages to the resolver', () => {
    expect(verdicts().of.of(GUEST_MAC, 'mask.icloud.com')).toEqual({ kind: 'resolve' });
  });

  test('follows the schedule as time passes', () => {
    const bedtime = {
      id: AN.profile,
      name: 'Giờ ngủ',
      mode: 'offline' as const,
      holidays: 'included' as const,
      days: [1, 2, 3, 4, 5, 6, 7],
      start: '21:00',
      end: '06:00',
    };
    const { of, clock } = verdicts(inForce({ anRules: { schedules: [bedtime] } }));
    expect(of.of(AN.mac, 'example.org')).toEqual({ kind: 'resolve' });
    clock.advance(9 * 3600_000 - 1000);
    expect(of.of(AN.mac, 'example.org')).toEqual({ kind: 'resolve' });
    clock.advance(1000);
    expect(of.of(AN.mac, 'example.org')).toEqual({ kind: 'offline', reason: 'schedule' });
    clock.advance(9 * 3600_000);
    expect(of.of(AN.mac, 'example.org')).toEqual({ kind: 'resolve' });
  });

  test('forgets decisions with the policy and with the lists', () => {
    const { of, state } = verdicts();
    expect(of.of(AN.mac, 'tiktok.com').kind).toBe('blocked');
    state.force = inForce({ anRules: { blockedServices: [] } });
    expect(of.of(AN.mac, 'tiktok.com').kind).toBe('resolve');
    expect(of.of(AN.mac, 'new.example').kind).toBe('resolve');
    state.lists = fakeLists({ 'new.example': 2 }, 'r2');
    expect(of.of(AN.mac, 'new.example').kind).toBe('blocked');
  });

  test('asks the lists once for a name, and remembers a bounded number', () => {
    let asked = 0;
    const lists = {
      ...fakeLists({}),
      lookup: () => {
        asked += 1;
        return [];
      },
    };
    const { of } = verdicts(inForce(), lists);
    of.of(AN.mac, 'example.org');
    of.of(AN.mac, 'example.org');
    expect(asked).toBe(1);
    for (let n = 0; n < 1024; n += 1) of.of(AN.mac, `n${n}.example`);
    expect(asked).toBe(1025);
    of.of(AN.mac, 'example.org');
    expect(asked).toBe(1026);
    of.of(AN.mac, 'n1023.example');
    expect(asked).toBe(1026);
  });

  test('a contact is never blocked, whatever the rules say', () => {
    const force = new InForce(policy({ anRules: { blockedNames: ['tongdai111.vn'] } }), inForce().contacts);
    expect(verdicts(force).of.of(AN.mac, 'tongdai111.vn')).toEqual({ kind: 'help' });
  });
});
