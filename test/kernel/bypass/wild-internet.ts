import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Host, RunningProcess, VirtualHome } from '../../home/index.ts';

const ECHO_PORT = 7777;
const anything = fileURLToPath(new URL('anything.py', import.meta.url));
const tries = fileURLToPath(new URL('tries.py', import.meta.url));

/** One way out that a device tries. */
export type Try =
  | { readonly kind: 'udp'; readonly address: string; readonly port: number; readonly payload: string }
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number; readonly payload?: string }
  | { readonly kind: 'raw'; readonly address: string; readonly protocol: number; readonly payload: string };

/** What came of it. `sent` is all that is known of a packet that nobody echoes; see `WildInternet.saw`. */
export type Outcome = 'open' | 'refused' | 'silent' | 'sent';

const outcomesSchema = z.array(z.enum(['open', 'refused', 'silent', 'sent']));

/** Makes a virtual Internet answer on every port, and at addresses that belong to somebody in the real one. */
export class WildInternet {
  readonly #server: RunningProcess;

  private constructor(server: RunningProcess) {
    this.#server = server;
  }

  static async start(home: VirtualHome, addresses: readonly string[]): Promise<WildInternet> {
    const { internet } = home;
    await internet.ip(addresses.map((address) => `addr add ${address} dev lo`));
    const served = '{ 53, 80, 443, 853 }';
    await internet.check('nft', ['-f', '-'], {
      input: `table inet wild {
        chain everything {
          type nat hook prerouting priority dstnat
          iifname isp0 fib daddr type local tcp dport != ${served} redirect to :${ECHO_PORT}
          iifname isp0 fib daddr type local udp dport != 53 redirect to :${ECHO_PORT}
        }
      }\n`,
    });
    const server = internet.spawn('python3', [anything, String(ECHO_PORT), 'home0'], { name: 'anything' });
    await server.ready('the Internet answers on every port', () => server.log().includes('ready\n'));
    return new WildInternet(server);
  }

  /** How many packets of an IP protocol, at least so large, have left the home. */
  saw(protocol: number, least = 0): number {
    const lines = this.#server.log().matchAll(/^protocol (\d+) of (\d+)$/gm);
    return [...lines].filter(([, seen, size]) => Number(seen) === protocol && Number(size) >= least).length;
  }
}

/** Seconds until a way counts as silent: for one that is open, a busy machine may need them; for another, they only pass. */
const PATIENCE = { open: 8, closed: 1.5 } as const;

/** Tries ways out from a host. */
export async function attempt(
  host: Host,
  ways: readonly Try[],
  expected: keyof typeof PATIENCE = 'open',
): Promise<Outcome[]> {
  const patience = PATIENCE[expected];
  const output = await host.check('python3', [tries, String(patience)], {
    input: JSON.stringify(ways),
    timeout: 1000 * (20 + patience * Math.ceil(ways.length / 16)),
  });
  return outcomesSchema.parse(JSON.parse(output));
}
