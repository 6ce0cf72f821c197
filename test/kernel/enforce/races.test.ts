import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Household } from '../../../daemon/src/enforce/fixture/household.ts';
import { VirtualHome } from '../../home/index.ts';
import { RouterEnforcer } from './router-enforcer.ts';

let home: VirtualHome;
let enforcer: RouterEnforcer;
let free: Household;
let paused: Household;

beforeAll(async () => {
  home = await VirtualHome.start();
  free = {
    children: { an: {} },
    devices: { [home.device('tablet').mac]: 'an' },
    helpNames: ['tongdai111.vn'],
  };
  paused = { ...free, children: { an: { pause: { since: 0, until: null } } } };
  enforcer = await RouterEnforcer.start(home);
});
afterAll(() => home.stop());

test('help that is sought while a policy is being applied does not bring the one before back', async () => {
  for (let round = 1; round <= 10; round++) {
    await enforcer.apply(free);
    await Promise.all([enforcer.apply(paused), enforcer.allowHelpAddresses([`192.0.2.${round}`])]);
    expect((await enforcer.status()).withoutLease, `round ${round}`).toBe(1);
  }
});
