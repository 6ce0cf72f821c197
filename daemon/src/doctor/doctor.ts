import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { codeOf, KhienError } from '@khien/shared/error';
import { type Config, readAuthority, readConfig } from '../config.ts';
import { askDaemon } from '../control/ask.ts';
import { controlPath } from '../control/control-socket.ts';
import { holderOfPlace } from '../control/place.ts';
import { TableFile } from '../lists/table-file.ts';
import { listFolder, listPath } from '../main.ts';
import { statusSchema } from '../status.ts';
import { readFileIfThere } from '../storage/atomic-file.ts';
import { IdentityFile } from '../uplink/identity-file.ts';
import { checkClock } from './clock.ts';
import { checkCloud, checkEdge } from './cloud.ts';
import { checkConfiguration } from './configuration.ts';
import { checkDaemon, checkEnforcement, type DaemonFacts } from './daemon.ts';
import { type Finding, problem, skipped } from './finding.ts';
import { checkIdentity } from './identity.ts';
import { checkKernel, checkTables } from './kernel.ts';
import { probeKernel } from './kernel-probe.ts';
import { checkLan } from './lan.ts';
import { listListeners } from './listeners.ts';
import { checkPolicy } from './policy.ts';
import { checkPorts, watchedPorts } from './ports.ts';
import { reach } from './reach.ts';
import { checkResolver } from './resolver.ts';
import { checkLeases, checkLists, checkOutbox, checkStateFolder } from './storage.ts';
import { folderAccess, outboxOnDisk, readKey, readStoredPolicy } from './stored.ts';
import { askResolver, readLinks } from './surroundings.ts';

/**
 * Looks at this router from outside, whether khiend runs or not, and changes nothing. A check that breaks is a finding.
 *
 * @throws KhienError `NOT_PERMITTED` for others than root, who see too little
 */
export async function examine(configFile: string): Promise<Finding[]> {
  if (process.getuid?.() !== 0) throw new KhienError('NOT_PERMITTED', 'khiend doctor is for root');
  const { finding, config } = checkConfiguration(configFile, readConfig);
  const daemon = await lookAtDaemon(config);
  const kernel = attempt('kernel', async () => {
    const { tables, nftables, conntrack } = await probeKernel();
    return [checkTables(tables, daemon.pid !== undefined), checkKernel(release(), nftables, conntrack)];
  });
  const enforcement = checkEnforcement(daemon);
  const found = await Promise.all([
    [checkDaemon(daemon), ...(enforcement === undefined ? [] : [enforcement])],
    kernel,
    attempt('ports', () => checkPorts(listListeners(watchedPorts), daemon.pid)),
    attempt('clock', () => [checkClock(Date.now(), config && existsSync(config.timeSynchronised))]),
    config === undefined
      ? [skipped('the rest', 'needs a valid configuration')]
      : Promise.all(configured(config, daemon)).then((each) => each.flat()),
  ]);
  return [finding, ...found.flat()];
}

/** The checks that need a configuration. */
function configured(config: Config, daemon: DaemonFacts): Promise<Finding[]>[] {
  const { cloud, stateFolder, resolver, dhcpLeases, lan } = config;
  const status = typeof daemon.status === 'string' ? undefined : daemon.status;
  const identityFile = new IdentityFile(stateFolder);
  const load = () => identityFile.load();
  return [
    attempt('LAN', async () => {
      const { links, addresses } = await readLinks();
      return [checkLan(lan.interface, links, addresses)];
    }),
    attempt('resolver', async () => [await checkResolver(resolver, (name) => askResolver(resolver, name))]),
    attempt('DHCP leases', async () => [
      checkLeases(dhcpLeases, (await readFileIfThere(dhcpLeases))?.toString()),
    ]),
    attempt('state folder', async () => [await checkStateFolder(stateFolder, folderAccess)]),
    attempt('lists', async () => {
      const folder = listFolder(config);
      const [newest] = await folder.tables();
      return [await checkLists(newest === undefined ? listPath(config) : folder.table(newest), openAndClose)];
    }),
    attempt('identity', async () => [await checkIdentity(load, () => readKey(stateFolder), Date.now())]),
    attempt('policy', async () => [
      checkPolicy(await readStoredPolicy(stateFolder, load), status?.inForce.policy),
    ]),
    attempt('outbox', async () => {
      const { bytes, setAside } = await outboxOnDisk(stateFolder);
      return [checkOutbox(bytes, status?.cloud.waiting, setAside)];
    }),
    attempt('cloud', async () => {
      const authority = () => (cloud.authority === undefined ? undefined : readAuthority(cloud.authority));
      return [await checkCloud(cloud.url, authority, reach)];
    }),
    attempt('cloud edge', async () => {
      // What is wrong with the identity is another finding.
      const identity = await load().catch(() => undefined);
      if (identity === undefined) return [skipped('cloud edge', 'known when this router is enrolled')];
      const key = await readKey(stateFolder).catch(() => undefined);
      const own =
        key === undefined
          ? {}
          : { cert: identity.certificate, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
      return [await checkEdge(identity.mqttUrl, { ca: identity.authority, ...own }, status, reach)];
    }),
  ];
}

async function lookAtDaemon(config: Config | undefined): Promise<DaemonFacts> {
  const pid = await holderOfPlace();
  if (config === undefined) return { pid, status: 'NO_CONFIGURATION' };
  try {
    const answer = await askDaemon(controlPath(config.runFolder), { ask: 'status' });
    return { pid, status: statusSchema.parse(answer) };
  } catch (error) {
    return { pid, status: codeOf(error) };
  }
}

async function openAndClose(path: string): Promise<{ revision: string }> {
  const file = await TableFile.open(path);
  file.close();
  return file;
}

/** A check that cannot be made is a problem of its own, and no reason to leave the others out. */
async function attempt(check: string, look: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [problem(check, `could not be checked: ${message}`, 'send this to who supports this router')];
  }
}
