import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { codeOf } from '@khien/shared/error';
import { nothingUsed } from '@khien/shared/policy';
import { Rtnetlink } from 'node-nftables';
import { z } from 'zod';
import { SystemClock } from '../../../daemon/src/clock/system-clock.ts';
import { DeviceWatch } from '../../../daemon/src/devices/device-watch.ts';
import { LanSideWatch } from '../../../daemon/src/devices/lan-side-watch.ts';
import { Enforcer } from '../../../daemon/src/enforce/enforcer.ts';
import { linux } from '../../../daemon/src/enforce/kernel.ts';
import { noLists } from '../../../daemon/src/lists/name-lists.ts';
import { TableFile } from '../../../daemon/src/lists/table-file.ts';
import { stderrLog as log } from '../../../daemon/src/log.ts';
import { InForce, nothingInForce } from '../../../daemon/src/policy/in-force.ts';
import { ServiceRegistry } from '../../../daemon/src/services/service-registry.ts';
import { startAnswering } from './answering.ts';
import { standInForResponder } from './responder-stand-in.ts';

/** The enforcer with its watches on a router of the virtual home; a test talks to it over a Unix socket. */

const [, , socketPath = '', listFile = '', answers = ''] = process.argv;
const clock = new SystemClock('/nowhere');
const route = new Rtnetlink();
const side = new LanSideWatch({ route, interface: 'br-lan', log });
const devices = new DeviceWatch({
  route,
  side,
  leaseFile: '/nowhere/leases',
  noteFolder: '/nowhere/dhcp',
  clock,
  log,
  found: () => undefined,
});
let lists = listFile === '' ? noLists : await TableFile.open(listFile);
const reports: unknown[] = [];
let force = nothingInForce;
const enforcer = new Enforcer({
  clock,
  devices,
  side,
  lists: () => lists,
  used: () => nothingUsed,
  services: new ServiceRegistry(linux.uptime),
  log,
  report: (code, detail) => reports.push({ code, ...detail }),
  kernel: linux,
});

const commandSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('apply'), policy: z.any(), contacts: z.any() }),
  z.object({ do: z.literal('help'), addresses: z.array(z.string()) }),
  z.object({ do: z.literal('loaded') }),
  z.object({ do: z.literal('lists'), file: z.string() }),
  z.object({ do: z.literal('status') }),
  z.object({ do: z.literal('reports') }),
  z.object({ do: z.literal('attempts') }),
  z.object({ do: z.literal('borrowed') }),
]);

async function obey(line: string): Promise<unknown> {
  const command = commandSchema.parse(JSON.parse(line));
  const before = performance.now();
  switch (command.do) {
    case 'apply':
      force = new InForce(command.policy, command.contacts);
      await enforcer.apply(force);
      return { ms: performance.now() - before };
    case 'lists':
      lists = await TableFile.open(command.file);
      return;
    case 'loaded':
      return enforcer.loaded();
    case 'help':
      return enforcer.allowHelpAddresses(command.addresses);
    case 'status':
      return { ...(await enforcer.status()), rss: process.memoryUsage.rss() };
    case 'reports':
      return reports;
    case 'attempts':
      return enforcer.takeAttempts();
    case 'borrowed':
      return enforcer.takeBorrowed();
  }
}

await side.start();
if (answers === 'stand-in') await standInForResponder(side.current().addresses);
await devices.start();
await enforcer.start();
if (answers === 'daemon') {
  await startAnswering({ clock, devices, side, lists: () => lists, inForce: () => force, enforcer });
}
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
