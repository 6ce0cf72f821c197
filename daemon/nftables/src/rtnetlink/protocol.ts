import { ipAddressText } from '../address.ts';
import type { AttributeWriter } from '../netlink/attribute-writer.ts';
import { NetlinkError } from '../netlink/error.ts';

/** Message types of linux/rtnetlink.h. */
export const messageType = { getLink: 18, getAddress: 22, getNeighbour: 30 } as const;

export const AF_UNSPEC = 0;
export const AF_INET = 2;
/** `PF_BRIDGE` */
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;

/** How one kind of object is asked for, read and recognised. */
export interface RouteObject<T> {
  readonly name: string;
  readonly get: number;
  /** Writes the header of a dump request, as long as the kernel's struct is. */
  readonly writeDump: (writer: AttributeWriter) => void;
  /** Undefined for messages about something else. Throws EBADMSG. */
  readonly parse: (payload: Buffer) => T | undefined;
  /** What tells objects of this kind apart. */
  readonly identity: (object: T) => string;
}

/** The text of an address attribute; throws EBADMSG when it is not as long as its family's addresses. */
export function addressText(bytes: Buffer, family: number): string {
  if (bytes.length !== (family === AF_INET ? 4 : 16)) {
    throw new NetlinkError('EBADMSG', `malformed netlink reply: an address of ${bytes.length} bytes`);
  }
  return ipAddressText(bytes);
}
