// Runs on the router of a virtual home, with the daemon's own parts. Arguments: enforce|answer|change, a file with
// households (policy and contacts) as JSON, a compiled list, dnsmasq's lease file.
//   enforce   brings what is in force into the kernel, and ends
//   answer    does so, and answers what is steered to the responder, until it is stopped
//   change    brings one household after the other, again and again, until it is stopped
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { nothingUsed } from '@khien/shared/policy';
import { Rtnetlink } from 'node-nftables';
import { SystemClock } from '../../daemon/src/clock/system-clock.ts';
import { DeviceWatch } from '../../daemon/src/devices/device-watch.ts';
import { LanSideWatch } from '../../daemon/src/devices/lan-side-watch.ts';
import { Responder } from '../../daemon/src/dns/responder.ts';
import { Enforcer } from '../../daemon/src/enforce/enforcer.ts';
import { linux } from '../../daemon/src/enforce/kernel.ts';
import { startAll, stopAll } from '../../daemon/src/lifecycle.ts';
import { TableFile } from '../../daemon/src/lists/table-file.ts';
import { stderrLog as log } from '../../daemon/src/log.ts';
import { InForce, nothingInForce } from '../../daemon/src/policy/in-force.ts';
import { ServiceRegistry } from '../../daemon/src/services/service-registry.ts';

const [mode = '', householdFile = '', listFile = '', leaseFile = ''] = process.argv.slice(2);

const households: InForce[] = JSON.parse(readFileSync(householdFile, 'utf8')).map(
  ({ policy, contacts }: InForce) => new InForce(policy, contacts),
);
const [inForce = nothingInForce] = households;
const lists = await TableFile.open(listFile);
const clock = new SystemClock('/nowhere');
const route = new Rtnetlink();
const side = new LanSideWatch({ route, interface: 'br-lan', log });
const devices = new DeviceWatch({
  route,
  side,
  leaseFile,
  noteFolder: '/nowhere/dhcp',
  clock,
  log,
  found: () => undefined,
});
const enforcer = new Enforcer({
  clock,
  devices,
  side,
  lists: () => lists,
  used: () => nothingUsed,
  services: new ServiceRegistry(linux.uptime),
  log,
  report: (code, detail) => log.error(`the enforcer reports ${code}`, detail),
  kernel: linux,
});
const responder = new Responder({
  used: () => nothingUsed,
  clock,
  log,
  devices,
  side,
  inForce: () => inForce,
  lists: () => lists,
  allowHelpAddresses: (addresses) => enforcer.allowHelpAddresses(addresses),
  blocked: () => undefined,
  odd: () => undefined,
  answered: () => undefined,
});
const parts = mode === 'answer' ? [side, devices, responder, enforcer] : [side, devices, enforcer];
await startAll(parts);
await enforcer.apply(inForce);
while ((await enforcer.status()).names === 0) await delay(20);
if (mode === 'enforce') {
  await stopAll(parts);
  route.close();
  lists.close();
}
console.log('ready');
for (let turn = 1; mode === 'change'; turn++) {
  await enforcer.apply(households[turn % households.length] ?? inForce);
  // Some changes come while the one before is being loaded, and some lists are loaded whole.
  await delay(turn % 3 === 0 ? 5 : 700);
}
