import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { InForce, nothingInForce } from '../policy/in-force.ts';
import { FaultyFiles } from '../storage/fixture/faulty-files.ts';
import { BootGuard } from './boot-guard.ts';
import { readBootRules, writeBootRules } from './boot-rules.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const path = '/state/boot.nft';
const tablet = '02:00:00:00:00:01';
const phone = '02:00:00:00:00:02';

let files: FaultyFiles;
let clock: ManualClock;
let inForce: InForce;
let changed: () => void;
let guard: BootGuard;

beforeEach(async () => {
  files = new FaultyFiles();
  clock = new ManualClock();
  manage(tablet);
  guard = await start();
});
afterEach(() => guard.stop());

function manage(...macs: string[]): void {
  const devices = macs.map((mac) => ({ id: newId(), name: '', profile: newId(), macs: [mac], pause: null }));
  inForce = new InForce({ ...nothingInForce.policy, devices });
}

async function start(): Promise<BootGuard> {
  const made = new BootGuard({
    path,
    lan: 'br-lan',
    clock,
    log: silent,
    inForce: () => inForce,
    onChange: (listener) => {
      changed = listener;
      return () => undefined;
    },
    files,
  });
  await made.start();
  return made;
}

/** What is on flash when all that was begun is done. */
async function stored(): Promise<string> {
  await guard.stop();
  return files.readFile(path).then(
    (bytes) => bytes.toString(),
    () => '',
  );
}

describe('the rules for the next boot', () => {
  it('are read as they were written', () => {
    const helpAddresses = ['192.0.2.7', '203.0.113.1', '2001:db8::1'];
    for (const known of [null, [tablet, phone], []]) {
      const rules = { macs: [tablet, phone], known, helpAddresses };
      expect(readBootRules(writeBootRules(rules, 'br-lan'))).toEqual(rules);
    }
    for (const text of ['', 'table inet khien_boot {', 'set managed { elements = { } }', '\0'.repeat(4000)]) {
      expect(readBootRules(text)).toEqual({ macs: [], known: null, helpAddresses: [] });
    }
  });

  it('hold whom the policy manages, and the addresses of help', async () => {
    guard.found(['2001:db8::2', '192.0.2.7', '192.0.2.7', 'no address']);
    manage(phone, tablet);
    changed();
    expect(readBootRules(await stored())).toEqual({
      macs: [tablet, phone],
      known: null,
      helpAddresses: ['192.0.2.7', '2001:db8::2'],
    });
  });

  it('go when nobody is managed, and stay when nobody knows who is', async () => {
    inForce = nothingInForce;
    changed();
    expect(await stored()).toContain(tablet);
    manage();
    changed();
    expect(await stored()).toBe('');
  });

  it('hold closed whom nobody knows, where the household wants that, also while it has no child’s device', async () => {
    inForce = new InForce({ ...nothingInForce.policy, newDevices: 'quarantine', known: [phone] });
    changed();
    expect(readBootRules(await stored())).toMatchObject({ macs: [], known: [phone] });
    inForce = new InForce({ ...nothingInForce.policy, newDevices: 'ask', known: [phone] });
    changed();
    expect(await stored()).toBe('');
  });

  it('are not written again for what is there, nor for addresses more than once a day', async () => {
    guard.found(['192.0.2.7']);
    manage(phone);
    changed();
    await stored();
    const written = files.operations;
    changed();
    for (let hour = 0; hour < 23; hour++) {
      clock.advance(3_600_000);
      guard.found([`192.0.2.${hour}`]);
    }
    await stored();
    const again = await start();
    await again.stop();
    expect(files.operations).toBe(written);
    clock.advance(2 * 3_600_000);
    guard.found(['192.0.2.99']);
    expect(await stored()).toContain('192.0.2.99');
  });

  it('are stored when flash has room again', async () => {
    files = new FaultyFiles(new Map([[0, 'ENOSPC']]));
    guard = await start();
    expect(await stored()).toBe('');
    changed();
    expect(await stored()).toContain(tablet);
  });
});
