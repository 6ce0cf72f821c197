import { afterAll, beforeAll, expect, test } from 'vitest';
import { dig, VirtualHome } from '../../home/index.ts';
import { RouterEnforcer } from './router-enforcer.ts';

let home: VirtualHome;
let enforcer: RouterEnforcer;

beforeAll(async () => {
  home = await VirtualHome.start();
  enforcer = await RouterEnforcer.start(home);
  const ms = await enforcer.apply({
    children: { an: { blockedServices: ['tiktok'] } },
    devices: { [home.device('tablet').mac]: 'an' },
    services: { 'social/tiktok': ['tiktok.com', 'tiktokv.com'] },
  });
  console.log('first apply', ms);
});
afterAll(() => home.stop());

test('smoke', async () => {
  const tablet = home.device('tablet');
  console.log(await enforcer.status());
  console.log(await home.router.check('nft', ['list', 'table', 'inet', 'khien']));
  console.log(await home.router.check('nft', ['list', 'table', 'netdev', 'khien']));
  for (const name of ['www.tiktok.com', 'example.org'])
    for (const server of ['192.168.50.1', '8.8.8.8', 'fd50::1', '2001:4860:4860::8888'])
      console.log(
        name,
        server,
        (await dig(tablet, name, { server })).status,
        (await dig(home.device('laptop'), name, { server })).status,
      );
  console.log(await enforcer.status());
  console.log(enforcer.process.log());
  expect(1).toBe(1);
});
