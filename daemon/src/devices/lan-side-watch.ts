import type { InterfaceAddress, Link, Rtnetlink } from 'node-nftables';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import type { LanSide, LanSideSource } from './lan-side.ts';

type Watch = { close(): void };

/** Changes of links and addresses come in bursts: one look for each. */
const SETTLE_MS = 50;

/** The kernel's sets of them have room for these and a few more; what is past them is a mistake of somebody. */
const MAX_ADDRESSES = 200;

/** Watches the router's side of the LAN: the bridge, its ports, its addresses. */
export class LanSideWatch implements Part, LanSideSource {
  readonly name = 'lan side';
  readonly #route: Rtnetlink;
  readonly #interface: string;
  readonly #log: Log;
  readonly #listeners = new Set<(side: LanSide) => void>();
  #side: LanSide = { ports: [], routerMacs: [], addresses: [], interfaces: [] };
  #index: number | undefined;
  #watches: Watch[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: { route: Rtnetlink; interface: string; log: Log }) {
    this.#route = deps.route;
    this.#interface = deps.interface;
    this.#log = deps.log;
  }

  async start(): Promise<void> {
    const again = (): void => this.#lookSoon();
    // Watch first, then look: a change in between is seen twice rather than never.
    this.#watches = [
      this.#route.watchLinks({ event: again, lost: again }),
      this.#route.watchAddresses({ event: again, lost: again }),
    ];
    await this.#look();
    if (this.#index === undefined) {
      this.#log.warn(`the LAN interface ${this.#interface} is not there (yet)`);
    }
  }

  // biome-ignore lint/suspicious/useAwait: a Part's stop is asynchronous
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    for (const watch of this.#watches) watch.close();
    this.#watches = [];
  }

  current(): LanSide {
    return this.#side;
  }

  /** The kernel's index of the LAN interface; undefined while there is none. */
  get index(): number | undefined {
    return this.#index;
  }

  onChange(listener: (side: LanSide) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #lookSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#look().catch((error: unknown) => this.#log.error('the LAN side could not be read', error));
    }, SETTLE_MS).unref();
  }

  async #look(): Promise<void> {
    const [links, addresses] = await Promise.all([this.#route.listLinks(), this.#route.listAddresses()]);
    const lan = links.find((link) => link.name === this.#interface);
    this.#index = lan?.index;
    const side = describeLan(lan, links, addresses);
    if (JSON.stringify(side) === JSON.stringify(this.#side)) return;
    this.#side = side;
    if (side.addresses.length === MAX_ADDRESSES) {
      this.#log.warn(
        `${this.#interface} has ${MAX_ADDRESSES} addresses or more; the first ${MAX_ADDRESSES} are taken`,
      );
    }
    for (const listener of this.#listeners) listener(side);
  }
}

/** The LAN side as the links and addresses of the router say it; empty where the interface is not there. */
export function describeLan(
  lan: Link | undefined,
  links: readonly Link[],
  addresses: readonly InterfaceAddress[],
): LanSide {
  if (lan === undefined) return { ports: [], routerMacs: [], addresses: [], interfaces: [] };
  const ports = links.filter((link) => link.master === lan.index);
  return {
    ports: (ports.length > 0 ? ports : [lan]).map((port) => port.name).sort(),
    // A bridge takes what is sent to a port of its own for itself, too.
    routerMacs: [...new Set([lan, ...ports].flatMap(({ mac }) => mac ?? []))].sort(),
    addresses: addresses
      .filter((address) => address.interfaceIndex === lan.index)
      .map(({ address, scope }) =>
        scope === 'link' && address.includes(':') ? `${address}%${lan.name}` : address,
      )
      .slice(0, MAX_ADDRESSES)
      .sort(),
    interfaces: [lan.name],
  };
}
