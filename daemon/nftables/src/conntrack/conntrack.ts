import { ipAddress } from '../address.ts';
import { NetlinkConnection } from '../netlink/connection.ts';
import { isNetlinkError } from '../netlink/error.ts';
import { openSocket, protocol } from '../netlink/socket.ts';
import type { OpenTransport } from '../netlink/transport.ts';
import { deleteByDump } from './dump.ts';
import { deleteByFilter } from './filter.ts';

/** How the entries were deleted; the kernel does not tell how many a filter met. */
export type ConntrackDeletion =
  | { readonly method: 'filter' }
  | { readonly method: 'dump'; readonly deleted: number };

/** The connection tracking of a network namespace. Every method rejects with NetlinkError. */
export class Conntrack {
  readonly #connection: NetlinkConnection;

  /** `open` is for tests; the default is a kernel socket, opened by the first use. */
  constructor(open: OpenTransport = openSocket(protocol.netfilter)) {
    this.#connection = new NetlinkConnection(open);
  }

  /**
   * Deletes the entries of flows that the IPv4 or IPv6 address takes part in, whichever side began them and whatever NAT
   * did to them; no others. For IPv4 one filtered flush of each direction where the kernel can (Linux 6.11), else a listing
   * of all entries of the family and a deletion of each that matches.
   */
  async deleteAddress(address: string): Promise<ConntrackDeletion> {
    const bytes = ipAddress(address);
    try {
      await deleteByFilter(this.#connection, bytes);
      return { method: 'filter' };
    } catch (error) {
      if (!isNetlinkError(error) || !cannotFilter.has(error.code)) throw error;
    }
    return { method: 'dump', deleted: await deleteByDump(this.#connection, bytes) };
  }

  /** Rejects what is pending with ECANCELED and closes the socket, which until then keeps the process alive. */
  close(): void {
    this.#connection.close();
  }
}

const cannotFilter = new Set(['EINVAL', 'EOPNOTSUPP', 'ENOENT']);
