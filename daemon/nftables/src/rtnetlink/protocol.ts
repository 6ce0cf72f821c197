import type { AttributeWriter } from '../netlink/attribute-writer.ts';

/** Message types and groups of linux/rtnetlink.h; neighbour.h; if_link.h; if_addr.h. */
export const messageType = {
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
  newNeighbour: 28,
  deleteNeighbour: 29,
  getNeighbour: 30,
} as const;

export const group = { link: 1, neighbour: 3, ipv4Address: 5, ipv6Address: 9 } as const;

export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** How one kind of object is asked for, told about and read. */
export interface RouteObject<T> {
  readonly name: string;
  readonly set: number;
  readonly deleted: number;
  readonly get: number;
  readonly groups: readonly number[];
  /** Writes the header of a dump request, as long as the kernel's struct is. */
  readonly writeDump: (writer: AttributeWriter) => void;
  /** Undefined for messages about something else. Throws EBADMSG. */
  readonly parse: (payload: Buffer) => T | undefined;
}

/** What happened to an object: `set` is for new and changed ones. */
export interface RouteEvent<T> {
  readonly change: 'set' | 'deleted';
  readonly object: T;
}
