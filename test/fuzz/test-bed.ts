import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { household } from '../../daemon/src/enforce/fixture/household.ts';
import type { RunningProcess } from '../home/index.ts';
import { VirtualHome } from '../home/index.ts';
import { type Corpus, compiledLists, householdsOf } from './corpus.ts';
import { deviceMac, sources } from './envelope/envelope-class.ts';
import { Wire } from './wire.ts';

const program = fileURLToPath(new URL('router-program.ts', import.meta.url));

/** A virtual home with one device, the child's, in which a corpus is in force. */
export class TestBed {
  readonly home: VirtualHome;
  readonly wire: Wire;
  readonly online: boolean;
  /** Ends with the test bed. */
  readonly folder: string;
  readonly #files: readonly string[];

  private constructor(
    home: VirtualHome,
    wire: Wire,
    folder: string,
    files: readonly string[],
    online: boolean,
  ) {
    this.online = online;
    this.home = home;
    this.wire = wire;
    this.folder = folder;
    this.#files = files;
  }

  /** @param online whether the child's network is on, or paused */
  static async start(corpus: Corpus, { online = true } = {}): Promise<TestBed> {
    const folder = mkdtempSync(join(tmpdir(), 'khien-fuzz-'));
    const files = [join(folder, 'household.json'), join(folder, 'lists.khl')] as const;
    writeFileSync(files[0], JSON.stringify(householdsOf(corpus, deviceMac, online).map(household)));
    writeFileSync(files[1], compiledLists(corpus));
    const wire = new Wire(folder);
    const home = await VirtualHome.start({ devices: { tablet: { mac: deviceMac } } });
    const bed = new TestBed(home, wire, folder, [...files, home.router.dnsmasq.leaseFile], online);
    // Lost fragments must not fill the room for others, nor connections of the past the table.
    await home.router.sysctl({
      'ipv4/ipfrag_time': 1,
      'netfilter/nf_conntrack_frag6_timeout': 1,
      'netfilter/nf_conntrack_udp_timeout': 5,
      'netfilter/nf_conntrack_udp_timeout_stream': 5,
    });
    // Answers that wait for their neighbour to be found would fill dnsmasq's socket.
    const neighbours = [...sources[4], ...sources[6]];
    await home.router.ip(
      neighbours.map((address) => `neigh replace ${address} lladdr ${deviceMac} dev br-lan nud permanent`),
    );
    return bed;
  }

  /** Brings the corpus into the kernel by the daemon's own enforcer, which then ends. */
  async enforce(): Promise<void> {
    await (await this.#run('enforce')).exited;
  }

  /** Does so, and leaves enforcer and responder running. */
  answer(): Promise<RunningProcess> {
    return this.#run('answer');
  }

  /** Does so, and lets the enforcer bring other households that hold the corpus too, one after the other. */
  change(): Promise<RunningProcess> {
    return this.#run('change');
  }

  async stop(): Promise<void> {
    await this.wire.stop();
    await this.home.stop();
    rmSync(this.folder, { recursive: true });
  }

  async #run(mode: 'enforce' | 'answer' | 'change'): Promise<RunningProcess> {
    const running = this.home.router.node(program, [mode, ...this.#files], { name: mode });
    await running.ready('the policy is in force', () => running.log().includes('ready'), 60_000);
    const problem = /^.*(reports|error).*$/m.exec(running.log())?.[0];
    if (problem !== undefined) throw new Error(`the enforcer: ${problem}`);
    return running;
  }
}
