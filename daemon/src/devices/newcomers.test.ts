import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import type { NewEvent } from '../documents/documents.ts';
import { type Household, household, idOf } from '../enforce/fixture/household.ts';
import { InForce, nothingInForce } from '../policy/in-force.ts';
import { FaultyFiles } from '../storage/fixture/faulty-files.ts';
import { DeviceMemory } from './device-memory.ts';
import type { DhcpNote } from './dhcp-note.ts';
import { Newcomers } from './newcomers.ts';
import type { Known } from './resemblance.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const TABLET = '5a:00:00:00:00:01';
const FRESH = '5a:00:00:00:00:99';
const LAPTOP = '3c:22:fb:10:20:30';
const MODEL = 'aaaaaaaa';
const MINUTE = 60_000;

let files: FaultyFiles;
let clock: ManualClock;
let inForce: InForce;
let known: Map<string, Known>;
let events: NewEvent[];
let note: (told: DhcpNote) => void;
let twoPlaces: (mac: string) => void;
let policyChanged: () => void;
let newcomers: Newcomers;

beforeEach(async () => {
  files = new FaultyFiles();
  clock = new ManualClock();
  known = new Map();
  events = [];
  policy();
  newcomers = await start();
  hear(TABLET, 'may-cua-An');
  clock.advance(20 * MINUTE);
});

function policy(change: Partial<Household> = {}): void {
  const { policy: body, contacts } = household({
    children: { an: {} },
    devices: { [TABLET]: 'an' },
    known: [LAPTOP],
    ...change,
  });
  inForce = new InForce(body, contacts);
  policyChanged?.();
}

async function start(): Promise<Newcomers> {
  const made = new Newcomers({
    devices: {
      known: () => [...known.values()],
      onNote: (listener) => {
        note = listener;
        return () => undefined;
      },
      onTwoPlaces: (listener) => {
        twoPlaces = listener;
        return () => undefined;
      },
    },
    memory: new DeviceMemory({ path: '/state/devices.json', clock, log: silent, files }),
    inForce: () => inForce,
    onPolicy: (listener) => {
      policyChanged = listener;
      return () => undefined;
    },
    clock,
    log: silent,
    emit: (event) => events.push(event),
  });
  await made.start();
  return made;
}

/** As a power cut leaves it, with time for what was to be written soon. */
async function restart(): Promise<void> {
  clock.advance(1000);
  await newcomers.stop();
  newcomers = await start();
}

function hear(mac: string, hostname: string | null, fingerprint: string | null = MODEL): void {
  known.set(mac, { mac, hostname, fingerprint, heardAt: clock.now() });
  note({ mac, hostname, fingerprint });
}

const childOf = (mac: string) => newcomers.extend(inForce).managed(mac)?.profile.name;
const kinds = () => events.map((event) => (event.kind === 'router' ? event.code : event.kind));

describe('an address that the tablet sends by, and that answers for nothing', () => {
  const impostor = () => newcomers.impostor(FRESH, idOf(TABLET));

  it('is the child’s at once, at any time, and the parents are asked once', async () => {
    hear(FRESH, null, null);
    clock.advance(60 * MINUTE);
    impostor();
    impostor();
    expect(childOf(FRESH)).toBe('an');
    expect(events.slice(-1)).toEqual([
      { kind: 'device-resembles', mac: FRESH, device: idOf(TABLET), evidence: ['address'] },
    ]);
    await restart();
    impostor();
    expect(kinds().filter((kind) => kind === 'device-resembles')).toHaveLength(1);
  });

  it('stays the child’s though both are heard together', () => {
    impostor();
    for (let look = 0; look < 20; look++) {
      hear(TABLET, 'may-cua-An');
      hear(FRESH, null, null);
      clock.advance(2000);
    }
    expect(childOf(FRESH)).toBe('an');
  });

  it('is left alone where it is known, or all are let in', () => {
    newcomers.impostor(LAPTOP, idOf(TABLET));
    policy({ newDevices: 'allow' });
    impostor();
    expect(events).toEqual([]);
  });
});

describe('a new address that looks like the tablet', () => {
  beforeEach(() => {
    hear(FRESH, 'may-cua-An');
    clock.advance(2000);
  });

  it('is the child’s until the parents answer, and they are asked once', async () => {
    expect(childOf(FRESH)).toBe('an');
    expect(events).toEqual([
      { kind: 'device-found', mac: FRESH, hostname: 'may-cua-An', fingerprint: MODEL },
      { kind: 'device-resembles', mac: FRESH, device: idOf(TABLET), evidence: ['hostname', 'fingerprint'] },
    ]);
    expect(newcomers.extend(inForce)).toBe(newcomers.extend(inForce));
    await restart();
    clock.advance(10 * MINUTE);
    expect(childOf(FRESH)).toBe('an');
    expect(kinds()).toEqual(['device-found', 'device-resembles']);
  });

  it('is nobody’s when they say that it is another, also later, until they take that back', async () => {
    policy({ known: [LAPTOP, FRESH] });
    expect(childOf(FRESH)).toBeUndefined();
    await restart();
    clock.advance(MINUTE);
    expect(childOf(FRESH)).toBeUndefined();
    policy();
    expect(childOf(FRESH)).toBe('an');
    expect(kinds()).toEqual(['device-found', 'device-resembles']);
  });

  it('is nothing more to say of when they say that it is the tablet', () => {
    const { devices, ...body } = inForce.policy;
    const [tablet] = devices;
    if (tablet === undefined) throw new Error('no tablet');
    inForce = new InForce({ ...body, devices: [{ ...tablet, macs: [TABLET, FRESH] }] }, inForce.contacts);
    policyChanged();
    expect(newcomers.extend(inForce)).toBe(inForce);
    expect(newcomers.provisional()).toEqual([]);
  });

  it('is another when both are here together, and not when the child changes between them', () => {
    for (let turn = 0; turn < 20; turn++) {
      hear(turn % 2 === 0 ? TABLET : FRESH, 'may-cua-An');
      clock.advance(5000);
    }
    expect(childOf(FRESH)).toBe('an');
    for (let look = 0; look < 4; look++) {
      hear(TABLET, 'may-cua-An');
      hear(FRESH, 'may-cua-An');
      clock.advance(2000);
    }
    expect(childOf(FRESH)).toBeUndefined();
    expect(kinds()).toEqual(['device-found', 'device-resembles', 'RESEMBLANCE_ENDED']);
    hear(FRESH, 'may-cua-An');
    clock.advance(MINUTE);
    expect(childOf(FRESH)).toBeUndefined();
  });

  it('is nobody’s when the household lets all in, or the child has no such device any more', () => {
    policy({ newDevices: 'allow' });
    expect(childOf(FRESH)).toBeUndefined();
    policy({ devices: {} });
    expect(childOf(FRESH)).toBeUndefined();
  });

  it('holds for a policy that is not in force yet, and for none that nobody knows', () => {
    const { policy: body, contacts } = household({ children: { binh: {} }, devices: { [TABLET]: 'binh' } });
    expect(newcomers.extend(new InForce(body, contacts)).managed(FRESH)?.profile.name).toBe('binh');
    expect(newcomers.extend(nothingInForce)).toBe(nothingInForce);
  });
});

it('nobody is asked where all are let in; where strangers are closed the parents are, and the address stays closed', () => {
  policy({ newDevices: 'allow' });
  hear(FRESH, 'may-cua-An');
  clock.advance(MINUTE);
  expect(events).toEqual([]);
  policy({ newDevices: 'quarantine' });
  clock.advance(2000);
  expect(kinds()).toEqual(['device-found', 'device-resembles']);
  const extended = newcomers.extend(inForce);
  expect([childOf(FRESH), extended.isQuarantined(FRESH)]).toEqual([undefined, true]);
});

it('an address that has been here for long is not taken for a device that goes', async () => {
  hear(FRESH, 'Galaxy-A52');
  clock.advance(30 * MINUTE);
  await restart();
  hear(FRESH, 'may-cua-An');
  clock.advance(MINUTE);
  expect(events).toEqual([]);
});

describe('what uses an address', () => {
  it('is told of once where it is another, for children’s devices and those that are known', () => {
    for (const mac of [LAPTOP, TABLET, FRESH]) {
      hear(mac, 'may-cua-me');
      hear(mac, 'Galaxy-A52', 'bbbbbbbb');
      hear(mac, 'may-cua-me');
    }
    const changed = events.filter((event) => event.kind === 'device-changed');
    expect(changed.map(({ mac }) => mac).sort()).toEqual([LAPTOP, TABLET]);
    expect(changed[0]?.evidence).toEqual(['hostname', 'fingerprint']);
  });

  it('is told of where it is in two places, once a day', () => {
    for (let hour = 0; hour < 30; hour++) {
      twoPlaces(LAPTOP);
      twoPlaces(FRESH);
      clock.advance(3_600_000);
    }
    expect(events).toEqual(Array(2).fill({ kind: 'device-changed', mac: LAPTOP, evidence: ['two-places'] }));
  });

  it('is compared with what it was before a restart', async () => {
    hear(LAPTOP, 'may-cua-me');
    await restart();
    hear(LAPTOP, 'Galaxy-A52', 'bbbbbbbb');
    expect(kinds()).toEqual(['device-changed']);
  });
});

it('spares the flash, and stays bounded, however many addresses come', async () => {
  await restart();
  const before = files.operations;
  for (let n = 0; n < 2000; n++) {
    const mac = `06:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`;
    known.clear();
    hear(mac, `name-${n}`);
    clock.advance(2000);
  }
  await restart();
  // A write is six operations; there was a little more than an hour.
  expect(files.operations - before).toBeLessThan(30);
  expect((await files.readFile('/state/devices.json')).length).toBeLessThan(80_000);
});

it('goes on with nothing where what was stored is damaged', async () => {
  await newcomers.stop();
  const file = await files.open('/state/devices.json', 'w');
  await file.writeFile('{"seen":');
  await file.close();
  newcomers = await start();
  expect(newcomers.provisional()).toEqual([]);
  expect((await files.readFile('/state/devices.json.damaged')).toString()).toBe('{"seen":');
});
