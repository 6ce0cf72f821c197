import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lan } from '../../home/addresses.ts';
import { call, type Device, dig, eventually, type RunningProcess, request } from '../../home/index.ts';
import { StoredHome } from '../../system/stored-home.ts';

/** What other programs of the router do to the ruleset, to its ports and to netlink. */
describe('the daemon, when', () => {
  let stored: StoredHome;
  let tablet: Device;

  beforeAll(async () => {
    stored = await StoredHome.start({ pause: { since: 0, until: null } });
    tablet = stored.tablet;
    await stored.router.start();
    await stored.router.reach('the policy is enforced', ({ enforcement }) => enforcement === 'enforcing');
  });
  afterAll(() => stored?.stop());

  const nft = (...args: string[]): Promise<string> => stored.home.router.check('nft', args);
  const isClosed = async (): Promise<boolean> => {
    const { v4 } = stored.home.internet.site('vnexpress.net');
    return !(await request(tablet, `https://${v4}/`, { timeout: 1000 })).reached;
  };
  /** It is answered, and not with where the site is. */
  const isBlocked = async (): Promise<boolean> => {
    const { answers } = await dig(tablet, 'www.tiktok.com', { timeout: 2000 });
    return answers.length > 0 && answers.every(({ data }) => !data.startsWith('192.0.2.'));
  };
  const holds = async (): Promise<boolean> => (await isBlocked()) && (await isClosed());
  const ownedBy = (owner: RunningProcess, table: string): Promise<void> =>
    owner.ready(`${table} is taken`, async () =>
      (await nft('list', 'table', ...table.split(' '))).includes('owner'),
    );

  it('the ruleset is flushed again and again, stops what got through meanwhile', async () => {
    const { v4 } = stored.home.internet.site('vnexpress.net');
    const talk = call(tablet, v4, 7);
    await delay(500);
    expect(talk.bytes).toBe(0);
    for (let round = 0; round < 8; round++) {
      await nft('flush', 'ruleset');
      await stored.home.router.loadFirewall();
      await delay(Math.random() * 500);
    }
    await eventually('nothing gets through any more', () => !talk.flows(1000), 20_000);
    const leaked = talk.bytes;
    await eventually('all holds', holds, 20_000);
    expect(talk.bytes).toBe(leaked);
    await talk.stop();
    expect(stored.router.process.running).toBe(true);
  });

  it('one of its tables, chains or rules is taken away, puts it back', async () => {
    for (const gone of [
      ['delete', 'table', 'netdev', 'khien'],
      ['delete', 'table', 'inet', 'khien_dns'],
      ['flush', 'table', 'inet', 'khien'],
      ['flush', 'chain', 'netdev', 'khien', 'access'],
    ]) {
      await nft(...gone);
      await eventually(`${gone.join(' ')} is made good`, holds, 20_000);
    }
  });

  it('a port flaps, is taken away, or is new, closes all of them', async () => {
    const { router } = stored.home;
    await router.ip([`link set ${tablet.port} down`, `link set ${tablet.port} up`]);
    await eventually('the tablet is there again', holds, 20_000);
    // Its IPv6 addresses go with it, and netifd gives them again.
    await router.ip([
      'link set br-lan down',
      'link set br-lan up',
      `addr add ${lan.ula}/64 dev br-lan nodad`,
      `addr add ${lan.delegated}/64 dev br-lan nodad`,
    ]);
    await eventually('the LAN is there again', holds, 20_000);

    const ports = async (): Promise<string[]> => (await stored.router.status()).lan.ports;
    const guest = await stored.home.addDevice('guest', { mac: '02:00:00:00:00:77' });
    await eventually('the new port is closed too', async () => (await ports()).includes(guest.port), 20_000);
    await router.ip([`link del ${guest.port}`]);
    await eventually('the port is gone', async () => !(await ports()).includes(guest.port), 20_000);

    // The child's device in another socket.
    await router.ip([`link set ${tablet.port} nomaster`]);
    await eventually('the port is gone', async () => !(await ports()).includes(tablet.port), 20_000);
    await router.ip([`link set ${tablet.port} master br-lan`]);
    await eventually('the port is back', async () => (await ports()).includes(tablet.port), 20_000);
    expect(await holds()).toBe(true);
  });

  it('neighbours and rulesets flood netlink, goes on and applies what changes', async () => {
    const { router } = stored.home;
    const macOf = (index: number): string =>
      `06:00:00:00:${[index >> 8, index & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
    // As many as the kernel's table of neighbours holds.
    const neighbours = Array.from({ length: 700 }, (_, index) => `fd50::7:${index.toString(16)}`);
    const flood = async (): Promise<void> => {
      for (let round = 0; round < 5; round++) {
        await router.ip(
          neighbours.map(
            (at, index) => `neigh replace ${at} lladdr ${macOf(round * 700 + index)} dev br-lan`,
          ),
        );
        await router.ip(neighbours.map((at) => `neigh del ${at} dev br-lan`));
      }
    };
    const churn = Array.from({ length: 30 }, (_, index) =>
      router.check('nft', ['-f', '-'], {
        input: `table inet churn\ndelete table inet churn\ntable inet churn {\nset s { type ipv4_addr; elements = { 10.0.${index}.1 }; }\n}`,
        timeout: 60_000,
      }),
    );
    await Promise.all([flood(), ...churn]);
    expect(stored.router.process.running).toBe(true);
    expect((await stored.router.status()).pid).toBe(stored.router.process.pid);
    await nft('delete', 'table', 'inet', 'churn');
    await eventually('all holds', holds, 20_000);
  });

  it('the router has more addresses than a set holds, says so and goes on with what holds', async () => {
    const { router } = stored.home;
    const many = Array.from({ length: 300 }, (_, index) => `10.77.${index >> 8}.${index & 255}/32`);
    await router.ip(many.map((address) => `addr add ${address} dev br-lan`));
    await delay(3000);
    expect(stored.router.process.running).toBe(true);
    expect(await holds()).toBe(true);
    await router.ip(many.map((address) => `addr del ${address} dev br-lan`));
    await stored.router.reach('all is well', ({ enforcement }) => enforcement === 'enforcing');
    expect(await holds()).toBe(true);
  });

  it('the kernel refuses the stored policy at boot, says so, and enforces when it can', async () => {
    await stored.reboot();
    const owner = stored.home.router.spawn('sh', [
      '-c',
      '(echo "add table inet khien { flags owner; }"; exec sleep 600) | nft -i',
    ]);
    await ownedBy(owner, 'inet khien');
    await stored.router.start();
    await eventually('the daemon says what hinders it', async () =>
      /^ENFORCE_/.test((await stored.router.status()).enforcement),
    );
    expect(await isBlocked()).toBe(false);
    const { pid } = stored.router.process;
    await owner.stop();
    await stored.router.reach(
      'the policy is enforced',
      ({ enforcement, inForce }) => enforcement === 'enforcing' && inForce.policy > 0,
    );
    await eventually('all holds', holds, 20_000);
    expect(stored.router.process.pid).toBe(pid);
  });
});
