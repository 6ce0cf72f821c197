import { newId } from '@khien/shared/id';
import { nothingUsed } from '@khien/shared/policy';
import { Rtnetlink } from 'node-nftables';
import { SystemClock } from '../../../daemon/src/clock/system-clock.ts';
import { DeviceWatch } from '../../../daemon/src/devices/device-watch.ts';
import { LanSideWatch } from '../../../daemon/src/devices/lan-side-watch.ts';
import { profile } from '../../../daemon/src/dns/fixture/household.ts';
import { fakeLists } from '../../../daemon/src/dns/fixture/lists.ts';
import { Responder } from '../../../daemon/src/dns/responder.ts';
import { startAll } from '../../../daemon/src/lifecycle.ts';
import { stderrLog } from '../../../daemon/src/log.ts';
import { InForce, nothingInForce } from '../../../daemon/src/policy/in-force.ts';

// The responder alone, with the real watches, in a router whose steering a test sets. Arguments: MAC, lease file, `off`?
const [mac = '', leaseFile = '', state] = process.argv.slice(2);

const child = newId();
const force = new InForce(
  {
    ...nothingInForce.policy,
    profiles: [
      profile(
        child,
        'An',
        { blockedServices: ['tiktok'], blockedCategories: ['gambling'] },
        { pause: state === 'off' ? { since: 0, until: null } : null },
      ),
    ],
    devices: [{ id: newId(), name: 'tablet', profile: child, macs: [mac], pause: null }],
    services: [
      { id: 'tiktok', name: { vi: 'TikTok', en: 'TikTok' }, category: 'social', names: ['tiktok.com'] },
    ],
    categories: [{ id: 'gambling', name: { vi: 'Cờ bạc', en: 'Gambling' }, bit: 1 }],
  },
  nothingInForce.contacts,
);

const clock = new SystemClock('/nonexistent');
const route = new Rtnetlink();
const side = new LanSideWatch({ route, interface: 'br-lan', log: stderrLog });
const devices = new DeviceWatch({
  route,
  side,
  leaseFile,
  noteFolder: '/nowhere/dhcp',
  clock,
  log: stderrLog,
  found: () => undefined,
});
const responder = new Responder({
  used: () => nothingUsed,
  clock,
  log: stderrLog,
  devices,
  side,
  inForce: () => force,
  lists: () => fakeLists({ 'bet365.com': 1 << 1 }),
  allowHelpAddresses: (addresses) => {
    console.log(`open ${addresses.join(' ')}`);
    return Promise.resolve();
  },
  odd: (mac) => console.log(`odd ${mac}`),
  answered: () => undefined,
  blocked: ({ target, name }) => console.log(`hit ${target.id} ${name}`),
});
await startAll([side, devices, responder]);
console.log('ready');
