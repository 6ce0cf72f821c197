// Runs on the router of a virtual home: the daemon's own enforcer, and nothing else of the daemon.
import { catalogue } from '@khien/shared/catalogue';
import { defaultContacts } from '@khien/shared/contact';
import { newId } from '@khien/shared/id';
import { nothingUsed, type Policy, rulesFromPreset } from '@khien/shared/policy';
import { Nftables, Rtnetlink } from 'node-nftables';
import { z } from 'zod';
import { SystemClock } from '../../../daemon/src/clock/system-clock.ts';
import { LanSideWatch } from '../../../daemon/src/devices/lan-side-watch.ts';
import { Enforcer } from '../../../daemon/src/enforce/enforcer.ts';
import { linux } from '../../../daemon/src/enforce/kernel.ts';
import { DNS_TABLE, POLICY_TABLE } from '../../../daemon/src/layout.ts';
import { TableFile } from '../../../daemon/src/lists/table-file.ts';
import { stderrLog } from '../../../daemon/src/log.ts';
import { InForce } from '../../../daemon/src/policy/in-force.ts';
import { ServiceRegistry } from '../../../daemon/src/services/service-registry.ts';
import { eventually } from '../../home/eventually.ts';
import { answerQuestions } from '../../system/worker.ts';

const enforceSchema = z.object({ list: z.string(), managed: z.string() });

const tables = [
  { family: 'inet', name: DNS_TABLE },
  { family: 'inet', name: POLICY_TABLE },
  { family: 'netdev', name: POLICY_TABLE },
] as const;
const nft = new Nftables();

/** A child who is kept from every category there is, and always online. */
function policyFor(mac: string): Policy {
  const profile = newId();
  return {
    zone: 'Asia/Ho_Chi_Minh',
    offsets: [{ from: 0, minutes: 7 * 60 }],
    language: 'vi',
    profiles: [
      {
        id: profile,
        name: 'An',
        ageBand: '9-11',
        rules: {
          ...rulesFromPreset('9-11', newId, 'bedtime'),
          blockedCategories: catalogue.categories.map(({ id }) => id),
          schedules: [],
          safeSearch: false,
          youtube: 'open',
          quotas: [],
          quotaReset: '00:00',
        },
        pause: null,
        grant: null,
        learning: null,
        bonuses: [],
      },
    ],
    devices: [{ id: newId(), name: 'tablet', profile, macs: [mac], pause: null }],
    services: [...catalogue.services],
    categories: [...catalogue.categories],
    answers: [],
    holidays: [],
    newDevices: 'ask',
    known: [],
    learningNames: [],
  };
}

/**
 * Brings the policy and the list into the kernel, and leaves them there. Resolves with how many names the classifier knows
 * and how long that took.
 */
async function enforce(argument: unknown): Promise<{ names: number; milliseconds: number }> {
  const { list, managed } = enforceSchema.parse(argument);
  const lists = await TableFile.open(list);
  const log = { ...stderrLog, info: () => undefined };
  const side = new LanSideWatch({ route: new Rtnetlink(), interface: 'br-lan', log });
  const failures: string[] = [];
  // Queries from addresses that nobody is known to have are only looked at now and then.
  const neighbours = await new Rtnetlink().listNeighbours();
  const enforcer = new Enforcer({
    clock: new SystemClock(list),
    devices: {
      list: () => [],
      byAddress: () => undefined,
      addressesOf: (mac) => neighbours.flatMap((each) => (each.mac === mac ? [each.address] : [])),
      onChange: () => () => undefined,
    },
    side,
    lists: () => lists,
    used: () => nothingUsed,
    services: new ServiceRegistry(linux.uptime),
    log,
    report: (code) => failures.push(code),
    kernel: linux,
  });
  await side.start();
  await enforcer.start();
  const before = performance.now();
  await enforcer.apply(new InForce(policyFor(managed), defaultContacts));
  const names = await eventually('the names are loaded', async () => (await enforcer.status()).names, 60_000);
  const milliseconds = performance.now() - before;
  await enforcer.stop();
  await side.stop();
  lists.close();
  if (failures.length > 0) throw new Error(`the enforcer reports ${failures.join(', ')}`);
  return { names, milliseconds };
}

/** Takes the tables' hooks out of the way of packets, or puts them back; what they hold stays. */
async function setDormant(argument: unknown): Promise<void> {
  const dormant = z.boolean().parse(argument);
  const transaction = nft.transaction();
  for (const table of tables) transaction.addTable({ ...table, flags: dormant ? ['dormant'] : [] });
  await transaction.commit();
}

async function remove(): Promise<void> {
  const transaction = nft.transaction();
  for (const table of tables) transaction.destroyTable(table);
  await transaction.commit();
}

answerQuestions({ enforce, setDormant, remove });
