import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Contact, defaultContacts } from '@khien/shared/contact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { readQname } from '../dns/qname.ts';
import { InForce } from '../policy/in-force.ts';
import { likelyHosts } from './help-names.ts';
import { HelpWatch } from './help-watch.ts';

const contact = (names: string[], more: Partial<Contact> = {}): Contact => ({
  id: 'help',
  name: { vi: '', en: '' },
  kind: 'hotline',
  phone: null,
  hours: { vi: '', en: '' },
  region: null,
  website: null,
  names,
  ...more,
});

/** A resolver that knows the IPv4 addresses of some names, and answers SERVFAIL for the rest, or nothing at all. */
class Resolver {
  readonly asked: string[] = [];
  readonly addresses: Record<string, number[]> = {};
  silent = false;
  readonly #socket: Socket = createSocket('udp4');

  async start(): Promise<number> {
    this.#socket.on('message', (query, from) => {
      const { text, end } = readQname(query, 12) ?? { text: '', end: 12 };
      this.asked.push(text);
      if (this.silent) return;
      const found = query.readUInt16BE(end) === 1 ? this.addresses[text] : undefined;
      const head = Buffer.from(query.subarray(0, end + 4));
      head.writeUInt16BE(found === undefined ? 0x8182 : 0x8180, 2);
      head.writeUInt32BE(found === undefined ? 0 : 0x0001_0000, 6);
      head.writeUInt16BE(0, 10);
      head.writeUInt16BE(found === undefined ? 0 : 1, 6);
      const record = Buffer.from('c00c000100010000003c0004', 'hex');
      const answer = found === undefined ? [head] : [head, record, Buffer.from(found)];
      this.#socket.send(Buffer.concat(answer), from.port, from.address);
    });
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }

  stop(): void {
    this.#socket.close();
  }
}

describe('the hosts that are looked up', () => {
  it('are the names, their www, and what Wi-Fi calling asks for', () => {
    const website = 'https://chat.tongdai.vn/';
    expect(
      likelyHosts([contact(['tongdai.vn'], { website }), contact([], { website: 'https://x.vn' })]),
    ).toEqual(['tongdai.vn', 'www.tongdai.vn', 'chat.tongdai.vn']);
    const hosts = likelyHosts(defaultContacts);
    expect(hosts).toContain('epdg.epc.mnc004.mcc452.pub.3gppnetwork.org');
    expect(hosts).toContain('sos.epdg.epc.mnc001.mcc452.pub.3gppnetwork.org');
    expect(hosts.length).toBeLessThan(100);
  });
});

describe('the watch', () => {
  let resolver: Resolver;
  let watch: HelpWatch;
  let clock: ManualClock;
  let inForce: InForce;
  let changed: () => void;
  let allowed: string[][];

  beforeEach(async () => {
    resolver = new Resolver();
    clock = new ManualClock();
    allowed = [];
    inForce = new InForce(undefined, [contact(['tongdai.vn'])]);
    resolver.addresses['tongdai.vn'] = [192, 0, 2, 1];
    watch = new HelpWatch({
      clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      inForce: () => inForce,
      onChange: (listener) => {
        changed = listener;
        return () => undefined;
      },
      allow: (addresses) => {
        allowed.push([...addresses]);
        return Promise.resolve();
      },
      resolver: { address: '127.0.0.1', port: await resolver.start() },
    });
  });
  afterEach(async () => {
    await watch.stop();
    resolver.stop();
  });

  it('opens the addresses at the start, after a change of contacts, and now and then', async () => {
    await watch.start();
    await expect.poll(() => allowed).toEqual([['192.0.2.1']]);
    changed();
    resolver.addresses['khac.vn'] = [192, 0, 2, 2];
    inForce = new InForce(undefined, [contact(['khac.vn'])]);
    changed();
    await expect.poll(() => allowed).toEqual([['192.0.2.1'], ['192.0.2.2']]);
    resolver.addresses['khac.vn'] = [192, 0, 2, 3];
    clock.advance(10 * 60_000);
    await expect.poll(() => allowed.at(-1)).toEqual(['192.0.2.3']);
  });

  it('tries again soon where nothing was found', async () => {
    const { 'tongdai.vn': address = [] } = resolver.addresses;
    delete resolver.addresses['tongdai.vn'];
    await watch.start();
    await expect.poll(() => resolver.asked.length).toBe(4);
    expect(allowed).toEqual([]);
    resolver.addresses['tongdai.vn'] = address;
    await expect
      .poll(() => {
        clock.advance(20_000);
        return allowed.length;
      })
      .toBeGreaterThan(0);
  });

  it('does not wait for a resolver that is silent to stop', async () => {
    resolver.silent = true;
    await watch.start();
    await expect.poll(() => resolver.asked.length).toBeGreaterThan(0);
    const before = performance.now();
    await watch.stop();
    expect(performance.now() - before).toBeLessThan(500);
  });
});
