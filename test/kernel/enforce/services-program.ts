import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { codeOf } from '@khien/shared/error';
import { nothingUsed } from '@khien/shared/policy';
import { Rtnetlink } from 'node-nftables';
import { z } from 'zod';
import { SystemClock } from '../../../daemon/src/clock/system-clock.ts';
import { DeviceWatch } from '../../../daemon/src/devices/device-watch.ts';
import { LanSideWatch } from '../../../daemon/src/devices/lan-side-watch.ts';
import { Responder } from '../../../daemon/src/dns/responder.ts';
import { Enforcer } from '../../../daemon/src/enforce/enforcer.ts';
import { linux } from '../../../daemon/src/enforce/kernel.ts';
import { startAll } from '../../../daemon/src/lifecycle.ts';
import { noLists } from '../../../daemon/src/lists/name-lists.ts';
import { stderrLog as log } from '../../../daemon/src/log.ts';
import { InForce, nothingInForce } from '../../../daemon/src/policy/in-force.ts';
import { ServiceRegistry } from '../../../daemon/src/services/service-registry.ts';
import { Services } from '../../../daemon/src/services/services.ts';

/** The enforcer, the responder and what knows services by address, wired as in the daemon, on a router of the virtual home. */

const [, , socketPath = '', lookAhead = ''] = process.argv;
const clock = new SystemClock('/nowhere');
const side = new LanSideWatch({ route: new Rtnetlink(), interface: 'br-lan', log });
const devices = new DeviceWatch({
  route: new Rtnetlink(),
  side,
  leaseFile: '/nowhere/leases',
  noteFolder: '/nowhere/dhcp',
  clock,
  log,
  found: () => undefined,
});
const registry = new ServiceRegistry(linux.uptime);
const reports: unknown[] = [];
let force = nothingInForce;
const enforcer = new Enforcer({
  clock,
  devices,
  side,
  lists: () => noLists,
  services: registry,
  used: () => nothingUsed,
  log,
  report: (code, detail) => reports.push({ code, ...detail }),
  kernel: linux,
});
const services = new Services({
  clock,
  uptime: linux.uptime,
  registry,
  // Without looking ahead, only what devices ask for is learned.
  inForce: () => (lookAhead === '' ? nothingInForce : force),
  counted: (what) => enforcer.countedServices(what),
  openStudy: () => enforcer.openStudy(),
  devices,
  resolver: { address: '127.0.0.1', port: 53 },
});
const responder = new Responder({
  clock,
  log,
  devices,
  side,
  inForce: () => force,
  used: () => nothingUsed,
  lists: () => noLists,
  allowHelpAddresses: (addresses) => enforcer.allowHelpAddresses(addresses),
  blocked: () => undefined,
  odd: () => undefined,
  answered: (name, mac, response, rewritten) => services.learn(name, mac, response, rewritten),
});

enforcer.onTablesMade(() => responder.showLife());

const commandSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('apply'), policy: z.any(), contacts: z.any() }),
  z.object({ do: z.literal('help'), addresses: z.array(z.string()) }),
  z.object({ do: z.literal('usage') }),
  z.object({ do: z.literal('attempts') }),
  z.object({ do: z.literal('addresses') }),
  z.object({ do: z.literal('reports') }),
]);

async function obey(line: string): Promise<unknown> {
  const command = commandSchema.parse(JSON.parse(line));
  switch (command.do) {
    case 'apply':
      force = new InForce(command.policy, command.contacts);
      await enforcer.apply(force);
      return enforcer.loaded();
    case 'help':
      return enforcer.allowHelpAddresses(command.addresses);
    case 'usage':
      return services.readUsage();
    case 'attempts':
      return services.attempts();
    case 'addresses':
      return Object.fromEntries(registry.addresses());
    case 'reports':
      return reports;
  }
}

await startAll([side, devices, enforcer, services, responder]);
createServer((client) => {
  createInterface({ input: client }).on('line', (line) => {
    obey(line)
      .then(
        (result) => ({ result: result ?? null }),
        (error: unknown) => ({ error: codeOf(error), message: String(error) }),
      )
      .then((reply) => client.write(`${JSON.stringify(reply)}\n`));
  });
}).listen(socketPath);
