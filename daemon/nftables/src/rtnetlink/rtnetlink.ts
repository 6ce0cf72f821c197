import { NetlinkConnection } from '../netlink/connection.ts';
import type { NetlinkMessage } from '../netlink/message.ts';
import { openSocket, protocol } from '../netlink/socket.ts';
import { Subscription, type SubscriptionHandlers } from '../netlink/subscription.ts';
import type { OpenTransport } from '../netlink/transport.ts';
import { addresses, type InterfaceAddress } from './interface-address.ts';
import { type Link, links } from './link.ts';
import { type Neighbour, neighbours } from './neighbour.ts';
import type { RouteEvent, RouteObject } from './protocol.ts';

type Open = (groups: readonly number[]) => OpenTransport;

/** Neighbours, links and addresses of a network namespace. Lists reject with NetlinkError, watches throw it. */
export class Rtnetlink {
  readonly #open: Open;
  readonly #connection: NetlinkConnection;

  /** `open` is for tests; the default is a kernel socket for each list and each watch. */
  constructor(open: Open = (groups) => openSocket(protocol.route, groups)) {
    this.#open = open;
    this.#connection = new NetlinkConnection(open([]));
  }

  /** The ARP and neighbour-discovery tables of all interfaces. */
  listNeighbours(): Promise<Neighbour[]> {
    return this.#list(neighbours);
  }

  listLinks(): Promise<Link[]> {
    return this.#list(links);
  }

  listAddresses(): Promise<InterfaceAddress[]> {
    return this.#list(addresses);
  }

  watchNeighbours(
    handlers: SubscriptionHandlers<RouteEvent<Neighbour>>,
  ): Subscription<RouteEvent<Neighbour>> {
    return this.#watch(neighbours, handlers);
  }

  watchLinks(handlers: SubscriptionHandlers<RouteEvent<Link>>): Subscription<RouteEvent<Link>> {
    return this.#watch(links, handlers);
  }

  watchAddresses(
    handlers: SubscriptionHandlers<RouteEvent<InterfaceAddress>>,
  ): Subscription<RouteEvent<InterfaceAddress>> {
    return this.#watch(addresses, handlers);
  }

  /** Rejects pending lists with ECANCELED; watches are closed by themselves. */
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
  ): Subscription<RouteEvent<T>> {
    return new Subscription(this.#open(kind.groups), (message) => parseEvent(kind, message), handlers);
  }
}

function parseEvent<T>(kind: RouteObject<T>, { type, payload }: NetlinkMessage): RouteEvent<T> | undefined {
  if (type !== kind.set && type !== kind.deleted) return undefined;
  const object = kind.parse(payload);
  return object === undefined ? undefined : { change: type === kind.set ? 'set' : 'deleted', object };
}
