import { ipAddressText } from '../address.ts';
import type { NetlinkConnection } from '../netlink/connection.ts';
import { NetlinkError } from '../netlink/error.ts';
import { writeGenericHeader } from '../netlink/nfnetlink.ts';
import {
  attribute,
  familyOf,
  filterAttribute,
  IPV4_LENGTH,
  messageType,
  writeSourceTuple,
} from './protocol.ts';

// CTA_FILTER_F_CTA_IP_SRC of net/netfilter/nf_conntrack_netlink.c
const MATCH_SOURCE = 1;

/**
 * Flushes the entries whose original or reply source is the IPv4 address. Rejects with EINVAL or EOPNOTSUPP where the
 * kernel (before Linux 6.11) cannot.
 *
 * - Never without a tuple: a kernel that does not know CTA_FILTER for deletion then takes the message for the deletion of
 *   one entry and refuses the incomplete tuple (ctnetlink_del_conntrack). Without a tuple it would flush everything.
 * - Never for IPv6: there the kernel's comparison is the wrong way round (ctnetlink_filter_match_tuple, `!ipv6_addr_cmp`,
 *   from 5.8 to 6.18 at least), and everything but the address is flushed.
 */
export async function deleteByFilter(connection: NetlinkConnection, address: Buffer): Promise<void> {
  if (address.length !== IPV4_LENGTH) {
    throw new NetlinkError(
      'EOPNOTSUPP',
      `flush conntrack of ${ipAddressText(address)}: the kernel filters IPv4 only`,
    );
  }
  await flush(connection, address, attribute.original, filterAttribute.originalFlags);
  await flush(connection, address, attribute.reply, filterAttribute.replyFlags);
}

async function flush(
  connection: NetlinkConnection,
  address: Buffer,
  tuple: number,
  flags: number,
): Promise<void> {
  await connection.request({
    type: messageType.delete,
    describe: `flush conntrack of ${ipAddressText(address)}`,
    body(writer) {
      writeGenericHeader(writer, familyOf(address));
      writeSourceTuple(writer, tuple, address);
      writer.nest(attribute.filter, () => writer.hostU32(flags, MATCH_SOURCE));
    },
  });
}
