import { NetlinkConnection } from '../netlink/connection.ts';
import { openSocket, protocol } from '../netlink/socket.ts';
import { Subscription, type SubscriptionHandlers } from '../netlink/subscription.ts';
import type { OpenTransport } from '../netlink/transport.ts';
import { Changes, type RouteEvent } from './changes.ts';
import { type Forwarding, forwardings } from './forwarding.ts';
import { addresses, type InterfaceAddress } from './interface-address.ts';
import { type Link, links } from './link.ts';
import { type Neighbour, neighbours } from './neighbour.ts';
import type { RouteObject } from './protocol.ts';

const INTERVAL_MILLISECONDS = 1000;

/**
 * Neighbours, links and addresses of a network namespace. Lists reject with NetlinkError. Watches tell what is there as
 * `set` and then, within `interval` milliseconds, what changed.
 */
export class Rtnetlink {
  readonly #connection: NetlinkConnection;

  /** `open` is for tests; the default is a kernel socket for each list. */
  constructor(open: OpenTransport = openSocket(protocol.route)) {
    this.#connection = new NetlinkConnection(open);
  }

  /** The ARP and neighbour-discovery tables of all interfaces. */
  listNeighbours(): Promise<Neighbour[]> {
    return this.#list(neighbours);
  }

  /** What bridges have learned of who is behind which of their ports. */
  listForwardings(): Promise<Forwarding[]> {
    return this.#list(forwardings);
  }

  listLinks(): Promise<Link[]> {
    return this.#list(links);
  }

  listAddresses(): Promise<InterfaceAddress[]> {
    return this.#list(addresses);
  }

  watchNeighbours(
    handlers: SubscriptionHandlers<RouteEvent<Neighbour>>,
    interval = INTERVAL_MILLISECONDS,
  ): Subscription<RouteEvent<Neighbour>> {
    return this.#watch(neighbours, handlers, interval);
  }

  watchLinks(
    handlers: SubscriptionHandlers<RouteEvent<Link>>,
    interval = INTERVAL_MILLISECONDS,
  ): Subscription<RouteEvent<Link>> {
    return this.#watch(links, handlers, interval);
  }

  watchAddresses(
    handlers: SubscriptionHandlers<RouteEvent<InterfaceAddress>>,
    interval = INTERVAL_MILLISECONDS,
  ): Subscription<RouteEvent<InterfaceAddress>> {
    return this.#watch(addresses, handlers, interval);
  }

  /** Rejects pending lists with ECANCELED. Close watches before. */
  close(): void {
    this.#connection.close();
  }

  async #list<T>(kind: RouteObject<T>): Promise<T[]> {
    const request = { type: kind.get, describe: `list ${kind.name}`, body: kind.writeDump };
    const found = await this.#connection.collect(request, kind.parse);
    return found.flatMap((object) => object ?? []);
  }

  #watch<T>(
    kind: RouteObject<T>,
    handlers: SubscriptionHandlers<RouteEvent<T>>,
    interval: number,
  ): Subscription<RouteEvent<T>> {
    const changes = new Changes(kind.identity);
    return new Subscription(async () => changes.next(await this.#list(kind)), handlers, interval);
  }
}
