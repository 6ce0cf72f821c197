// Runs on the router of a virtual home: the daemon's own enforcer with a family of so many devices, until it is killed.
import { catalogue } from '@khien/shared/catalogue';
import { defaultContacts } from '@khien/shared/contact';
import { newId } from '@khien/shared/id';
import { nothingUsed, type Policy, rulesFromPreset } from '@khien/shared/policy';
import { Rtnetlink } from 'node-nftables';
import { z } from 'zod';
import { SystemClock } from '../../../daemon/src/clock/system-clock.ts';
import { LanSideWatch } from '../../../daemon/src/devices/lan-side-watch.ts';
import { Enforcer } from '../../../daemon/src/enforce/enforcer.ts';
import { linux } from '../../../daemon/src/enforce/kernel.ts';
import { noLists } from '../../../daemon/src/lists/name-lists.ts';
import { stderrLog } from '../../../daemon/src/log.ts';
import { InForce } from '../../../daemon/src/policy/in-force.ts';
import { ServiceRegistry } from '../../../daemon/src/services/service-registry.ts';
import { answerQuestions } from '../../system/worker.ts';

const argumentSchema = z.object({ macs: z.array(z.string()), folder: z.string() });

/** A child of the strictest of the presets that has access all day, with these devices. */
function policyFor(macs: readonly string[]): Policy {
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
        rules: { ...rulesFromPreset('9-11', newId, 'bedtime'), schedules: [], quotas: [] },
        pause: null,
        grant: null,
        learning: null,
        bonuses: [],
      },
    ],
    devices: macs.map((mac) => ({ id: newId(), name: mac, profile, macs: [mac], pause: null })),
    services: [...catalogue.services],
    categories: [...catalogue.categories],
    answers: [],
    holidays: [],
    newDevices: 'ask',
    known: [],
    learningNames: [],
  };
}

/** Brings the policy into the kernel and keeps its leases. Resolves with how many devices have one. */
async function enforce(argument: unknown): Promise<number> {
  const { macs, folder } = argumentSchema.parse(argument);
  const log = { ...stderrLog, info: () => undefined };
  const side = new LanSideWatch({ route: new Rtnetlink(), interface: 'br-lan', log });
  const enforcer = new Enforcer({
    clock: new SystemClock(folder),
    devices: {
      list: () => [],
      byAddress: () => undefined,
      addressesOf: () => [],
      onChange: () => () => undefined,
    },
    side,
    lists: () => noLists,
    used: () => nothingUsed,
    services: new ServiceRegistry(linux.uptime),
    log,
    report: (code) => log.error(`the enforcer reports ${code}`),
    kernel: linux,
  });
  await side.start();
  await enforcer.start();
  await enforcer.apply(new InForce(policyFor(macs), defaultContacts));
  await enforcer.loaded();
  const { managed, withoutLease } = await enforcer.status();
  return managed - withoutLease;
}

answerQuestions({ enforce });
