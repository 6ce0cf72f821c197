import { ipAddress } from '../address.ts';
import { NetlinkConnection } from '../netlink/connection.ts';
import { isNetlinkError } from '../netlink/error.ts';
import { openSocket, protocol } from '../netlink/socket.ts';
import type { OpenTransport } from '../netlink/transport.ts';
import { deleteBetweenByDump, deleteByDump, deleteOthersByDump } from './dump.ts';
import { deleteByFilter } from './filter.ts';
import { IPV4_LENGTH, IPV6_LENGTH } from './protocol.ts';

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

  /**
   * Deletes the entries of flows between one of `ours`, addresses before source NAT, and one of `theirs`, addresses after
   * it, whichever side began them; no others. Lists all entries of an IP version that both have. Resolves with how many.
   */
  async deleteBetween(ours: readonly string[], theirs: readonly string[]): Promise<number> {
    let deleted = 0;
    for (const length of [IPV4_LENGTH, IPV6_LENGTH]) {
      const [near, far] = [ours, theirs].map((addresses) => {
        const bytes = addresses.map(ipAddress).filter((each) => each.length === length);
        return new Set(bytes.map((each) => each.toString('hex')));
      });
      if (!near?.size || !far?.size) continue;
      deleted += await deleteBetweenByDump(this.#connection, near, far);
    }
    return deleted;
  }

  /**
   * Deletes the entries of flows that one of `ours`, addresses before source NAT, takes part in, but for those with one of
   * `spared`, addresses after it. Lists all entries of the IP versions of `ours`. Resolves with how many.
   */
  async deleteOthers(ours: readonly string[], spared: readonly string[]): Promise<number> {
    const sparedTexts = new Set(spared.map((each) => ipAddress(each).toString('hex')));
    let deleted = 0;
    for (const length of [IPV4_LENGTH, IPV6_LENGTH]) {
      const bytes = ours.map(ipAddress).filter((each) => each.length === length);
      if (bytes.length === 0) continue;
      const near = new Set(bytes.map((each) => each.toString('hex')));
      deleted += await deleteOthersByDump(this.#connection, near, sparedTexts);
    }
    return deleted;
  }

  /** Rejects what is pending with ECANCELED and closes the socket, which until then keeps the process alive. */
  close(): void {
    this.#connection.close();
  }
}

const cannotFilter = new Set(['EINVAL', 'EOPNOTSUPP', 'ENOENT']);
