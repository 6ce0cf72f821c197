import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Device, eventually, VirtualHome } from '../../home/index.ts';
import { RouterEnforcer } from './router-enforcer.ts';

/** More than a device of a home has, so that the router could lose sight of some. */
const TAKEN = Array.from({ length: 40 }, (_, index) => `192.168.50.${201 + index}`);

let home: VirtualHome;
let enforcer: RouterEnforcer;
let tablet: Device;
let laptop: Device;

beforeAll(async () => {
  home = await VirtualHome.start();
  tablet = home.device('tablet');
  laptop = home.device('laptop');
  enforcer = await RouterEnforcer.start(home);
});
afterAll(() => home.stop());

async function reached(): Promise<string[]> {
  const { v4 } = home.internet.site('hocmai.vn');
  const each = await Promise.all(
    TAKEN.map(async (from) => {
      const args = ['-skm', '1', '--interface', from, '-o', '/dev/null', `https://${v4}/`];
      return (await tablet.exec('curl', args)).code === 0 ? [from] : [];
    }),
  );
  return each.flat();
}

test('a paused device that answers for many addresses gets out from none of them as the parents’ laptop', async () => {
  await enforcer.apply({
    children: { an: { pause: { since: 0, until: null } } },
    devices: { [tablet.mac]: 'an' },
    known: [laptop.mac],
    newDevices: 'quarantine',
  });
  for (const address of TAKEN) await tablet.check('ip', ['addr', 'add', `${address}/24`, 'dev', 'eth0']);
  const input = `table netdev forge {
    chain out {
      type filter hook egress device "eth0" priority 0
      ether type ip ether saddr set ${laptop.mac}
    }
  }\n`;
  await tablet.check('nft', ['-f', '-'], { input });
  await eventually('they are closed', async () => (await reached()).length === 0, 30_000);
  for (let round = 0; round < 3; round++) expect(await reached()).toEqual([]);
}, 90_000);
