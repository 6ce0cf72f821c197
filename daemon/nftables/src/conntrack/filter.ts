import { ipAddressText } from '../address.ts';
import type { NetlinkConnection } from '../netlink/connection.ts';
import { writeGenericHeader } from '../netlink/nfnetlink.ts';
import { attribute, familyOf, filterAttribute, messageType, writeSourceTuple } from './protocol.ts';

// CTA_FILTER_F_CTA_IP_SRC of net/netfilter/nf_conntrack_netlink.c
const MATCH_SOURCE = 1;

/**
 * Flushes the entries whose original or reply source is the address. Rejects with EINVAL or EOPNOTSUPP where the kernel
 * (before Linux 6.11) cannot.
 *
 * Never without a tuple: a kernel that does not know CTA_FILTER for deletion then takes the message for the deletion of
 * one entry and refuses the incomplete tuple (ctnetlink_del_conntrack). Without a tuple it would flush everything.
 */
export async function deleteByFilter(connection: NetlinkConnection, address: Uint8Array): Promise<void> {
  await flush(connection, address, attribute.original, filterAttribute.originalFlags);
  await flush(connection, address, attribute.reply, filterAttribute.replyFlags);
}

async function flush(
  connection: NetlinkConnection,
  address: Uint8Array,
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
