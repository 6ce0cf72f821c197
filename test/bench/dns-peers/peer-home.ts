import { type Device, type RunningProcess, VirtualHome } from '../../home/index.ts';
import type { Flood } from '../flood.ts';
import { sinceStart } from '../proc.ts';
import { CACHE_TTL, type Peer } from './peer.ts';
import type { QueryFiles } from './workload.ts';

/** Seconds. */
const PATIENCE = 120;

/** Where the peers answer, on the router but not on the LAN, whose addresses its own dnsmasq takes. */
export function peerAddress(index: number): string {
  return `192.168.51.${index + 1}`;
}

/** A virtual home without Khiên, whose router runs other resolvers beside its own dnsmasq. */
export class PeerHome {
  readonly home: VirtualHome;
  readonly #flood: Flood;

  private constructor(home: VirtualHome, flood: Flood) {
    this.home = home;
    this.#flood = flood;
  }

  static async start(flood: Flood, peers: number): Promise<PeerHome> {
    const devices = { tablet: { mac: '02:00:00:00:00:01' } };
    const home = await VirtualHome.start({ devices, logQueries: false });
    await home.router.dnsmasq.configure('bench', [`min-cache-ttl=${CACHE_TTL}`]);
    await home.router.ip([
      'link add peers type bridge',
      'link set peers up',
      ...Array.from({ length: peers }, (_, index) => `addr add ${peerAddress(index)}/32 dev peers`),
    ]);
    return new PeerHome(home, flood);
  }

  get tablet(): Device {
    return this.home.device('tablet');
  }

  /** Starts a peer, and says how many milliseconds after its start it blocked a name. */
  async startPeer(
    peer: Peer,
    address: string,
    queries: QueryFiles,
  ): Promise<{ process: RunningProcess; blocking: number }> {
    const blocked = this.#flood.blocked(this.tablet, address, queries.blocked, PATIENCE);
    blocked.catch(() => undefined);
    const process = this.home.router.spawn(peer.command, peer.arguments);
    let at: number | undefined;
    await process.ready(
      `${peer.name} blocks`,
      async () => {
        at ??= await Promise.race([blocked, process.exited.then(() => undefined)]);
        return at !== undefined;
      },
      PATIENCE * 1000,
    );
    return { process, blocking: sinceStart(process.pid, at ?? Number.NaN) };
  }

  async stop(): Promise<void> {
    await this.home.stop();
  }
}
