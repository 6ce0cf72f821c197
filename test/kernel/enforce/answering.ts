import { nothingUsed } from '@khien/shared/policy';
import type { Clock } from '../../../daemon/src/clock/clock.ts';
import type { LanDevices } from '../../../daemon/src/devices/lan-devices.ts';
import type { LanSideSource } from '../../../daemon/src/devices/lan-side.ts';
import { Responder } from '../../../daemon/src/dns/responder.ts';
import type { Enforcer } from '../../../daemon/src/enforce/enforcer.ts';
import { startAll } from '../../../daemon/src/lifecycle.ts';
import type { NameLists } from '../../../daemon/src/lists/name-lists.ts';
import { stderrLog as log } from '../../../daemon/src/log.ts';
import type { InForce } from '../../../daemon/src/policy/in-force.ts';
import { Portal } from '../../../daemon/src/portal/portal.ts';

export interface Answering {
  readonly clock: Clock;
  readonly devices: LanDevices;
  readonly side: LanSideSource;
  readonly lists: () => NameLists;
  readonly inForce: () => InForce;
  readonly enforcer: Enforcer;
}

/** The real responder and the child's page beside the enforcer: what a device meets, without a cloud. */
export async function startAnswering({ enforcer, ...common }: Answering): Promise<void> {
  const responder = new Responder({
    used: () => nothingUsed,
    ...common,
    log,
    allowHelpAddresses: (addresses) => enforcer.allowHelpAddresses(addresses),
    blocked: () => undefined,
    odd: () => undefined,
    answered: () => undefined,
  });
  const portal = new Portal({
    ...common,
    log,
    used: nothingUsed,
    submit: () => Promise.resolve(),
    connected: () => true,
    claimCode: () => null,
    waiting: () => false,
    parentsUrl: 'https://khien.example/',
  });
  await startAll([responder, portal]);
}
