import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Conntrack } from 'node-nftables';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ipAddress } from '../../../daemon/nftables/src/address.ts';
import { deleteByDump } from '../../../daemon/nftables/src/conntrack/dump.ts';
import { deleteByFilter } from '../../../daemon/nftables/src/conntrack/filter.ts';
import { NetlinkConnection } from '../../../daemon/nftables/src/netlink/connection.ts';
import { openSocket, protocol } from '../../../daemon/nftables/src/netlink/socket.ts';

const run = (program: string, ...words: string[]) => execFileSync(program, words, { encoding: 'utf8' });
const sh = (script: string) => run('sh', '-ec', script);

// tablet, laptop ─ router (this namespace, NAT towards the server) ─ server
beforeAll(() => {
  sh(`
    echo 1 > /proc/sys/net/ipv4/ip_forward
    echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
    for host in tablet laptop server; do
      ip netns add $host
      ip -n $host link set lo up
      ip link add $host type veth peer name eth0 netns $host
      ip link set $host up
      ip -n $host link set eth0 up
    done
    i=0
    for host in tablet laptop server; do
      i=$((i + 1))
      ip address add 10.0.$i.1/24 dev $host
      ip address add fd00:$i::1/64 dev $host nodad
      ip -n $host address add 10.0.$i.2/24 dev eth0
      ip -n $host address add fd00:$i::2/64 dev eth0 nodad
      ip -n $host route add default via 10.0.$i.1
      ip -n $host route add default via fd00:$i::1
    done
    nft -f - <<RULES
    table inet live {
      set paused { type ipv4_addr; }
      chain post { type nat hook postrouting priority 100; oifname "server" meta nfproto ipv4 masquerade; }
      chain pre { type nat hook prerouting priority -100; iifname "server" udp dport 9008-9408 dnat ip to 10.0.1.2; }
      chain forward {
        type filter hook forward priority 0;
        ct state established accept
        ip saddr @paused drop
      }
    }
RULES`);
});
afterAll(() => {
  // The links by themselves: a namespace that a process is still in takes its end along later.
  sh('nft flush ruleset; for host in tablet laptop server; do ip link del $host; ip netns del $host; done');
});

const TABLET = '10.0.1.2';
const TABLET6 = 'fd00:1::2';
const SERVER = '10.0.3.2';
const SERVER6 = 'fd00:3::2';

/** Sends datagrams from a host; nobody need answer for a flow to be tracked. */
function send(host: string, ...targets: readonly (readonly [address: string, port: number])[]): void {
  const script = `
    const dgram = require('node:dgram');
    for (const [address, port] of ${JSON.stringify(targets)}) {
      const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
      socket.send('x', port, address, () => socket.close());
    }`;
  run('ip', 'netns', 'exec', host, process.execPath, '-e', script);
}

/** Flows of each host to the others, told apart by their ports, which begin with `base`. */
function makeFlows(base: number): void {
  send('tablet', [SERVER, base + 1], ['10.0.1.1', base + 2], [SERVER6, base + 3]);
  send('laptop', [SERVER, base + 4], [TABLET, base + 5], [SERVER6, base + 6], [TABLET6, base + 7]);
  // Goes to the tablet by destination NAT.
  send('server', ['10.0.3.1', base + 8]);
}

const ofTablet = { ipv4: [1, 2, 5, 8], ipv6: [3, 7] } as const;
const all = [1, 2, 3, 4, 5, 6, 7, 8];

/** Which of the flows the kernel lists. */
function tracked(base: number): number[] {
  const ports = readFileSync('/proc/net/nf_conntrack', 'utf8').matchAll(/^.*? dport=(\d+)/gm);
  return Array.from(ports, ([, port]) => Number(port) - base)
    .filter((flow) => all.includes(flow))
    .toSorted((a, b) => a - b);
}

const without = (gone: readonly number[]) => all.filter((flow) => !gone.includes(flow));

describe('deleting the entries of an address', () => {
  let connection: NetlinkConnection;
  beforeAll(() => {
    connection = new NetlinkConnection(openSocket(protocol.netfilter));
  });
  afterAll(() => connection.close());

  it('takes its flows, whoever began them and whatever NAT did, and no others', async () => {
    const conntrack = new Conntrack();
    makeFlows(9000);
    expect(tracked(9000)).toEqual(all);
    await conntrack.deleteAddress(TABLET);
    expect(tracked(9000)).toEqual(without(ofTablet.ipv4));
    await conntrack.deleteAddress(TABLET6);
    expect(tracked(9000)).toEqual(without([...ofTablet.ipv4, ...ofTablet.ipv6]));
    await conntrack.deleteAddress('10.0.1.77');
    expect(tracked(9000)).toEqual([4, 6]);
    conntrack.close();
  });

  it('takes those between two sides, whichever began and whatever NAT did', async () => {
    const conntrack = new Conntrack();
    makeFlows(9050);
    expect(tracked(9050)).toEqual(all);
    // The answers to what is masqueraded go to the router.
    expect(await conntrack.deleteBetween([TABLET, TABLET6], [SERVER, SERVER6])).toBe(3);
    expect(tracked(9050)).toEqual(without([1, 3, 8]));
    expect(await conntrack.deleteBetween([TABLET], ['10.0.3.77'])).toBe(0);
    conntrack.close();
  });

  it.each([
    ['ipv4', TABLET, 9100],
    ['ipv6', TABLET6, 9200],
  ] as const)('works by dump, as on kernels before 6.11 (%s)', async (family, address, base) => {
    makeFlows(base);
    const deleted = await deleteByDump(connection, ipAddress(address));
    expect(tracked(base)).toEqual(without(ofTablet[family]));
    expect(deleted).toBeGreaterThanOrEqual(ofTablet[family].length);
    expect(await deleteByDump(connection, ipAddress(address))).toBe(0);
  });

  it('by filter spares everything where the kernel cannot filter', async () => {
    makeFlows(9300);
    const refused = await deleteByFilter(connection, ipAddress(TABLET)).then(
      () => false,
      () => true,
    );
    expect(tracked(9300)).toEqual(refused ? all : without(ofTablet.ipv4));
  });

  it('by filter is refused for IPv6, of which the kernel would flush everything else', async () => {
    makeFlows(9400);
    await expect(deleteByFilter(connection, ipAddress(TABLET6))).rejects.toMatchObject({
      code: 'EOPNOTSUPP',
    });
    expect(tracked(9400)).toEqual(all);
  });

  it('refuses what is not an address before it asks the kernel', async () => {
    const conntrack = new Conntrack();
    for (const text of ['', '10.0.1', '10.0.1.2/24', 'fe80::1%eth0', 'tablet']) {
      await expect(conntrack.deleteAddress(text)).rejects.toMatchObject({ code: 'EINVAL' });
    }
    conntrack.close();
  });
});

describe('a download through NAT', () => {
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  function program(host: string, script: string): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', host, process.execPath, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  }

  /** Counts the pieces that a host gets. */
  function download(host: string): { pieces: number } {
    const count = { pieces: 0 };
    const client = program(
      host,
      `require('node:net').connect(8000, '${SERVER}').on('data', () => process.stdout.write('.'));`,
    );
    client.stdout?.on('data', (dots: Buffer) => {
      count.pieces += dots.length;
    });
    return count;
  }

  it('stops at once when its device is paused; that of another device goes on', async () => {
    const server = program(
      'server',
      `require('node:net').createServer((socket) => {
        const timer = setInterval(() => socket.write('piece'), 10);
        socket.on('error', () => clearInterval(timer)).on('close', () => clearInterval(timer));
      }).listen(8000, () => process.stdout.write('ready'));`,
    );
    if (server.stdout !== null) await once(server.stdout, 'data');
    const tablet = download('tablet');
    const laptop = download('laptop');
    await vi.waitFor(() => expect(Math.min(tablet.pieces, laptop.pieces)).toBeGreaterThan(10), {
      timeout: 5000,
    });

    // The rule alone judges new flows only.
    run('nft', 'add', 'element', 'inet', 'live', 'paused', `{ ${TABLET} }`);
    const before = tablet.pieces;
    await vi.waitFor(() => expect(tablet.pieces).toBeGreaterThan(before + 10));

    const conntrack = new Conntrack();
    await conntrack.deleteAddress(TABLET);
    conntrack.close();
    await sleep(100);
    const [stopped, going] = [tablet.pieces, laptop.pieces];
    await sleep(500);
    expect(tablet.pieces).toBe(stopped);
    expect(laptop.pieces).toBeGreaterThan(going + 10);
  });
});
