import type { AttributeWriter } from './attribute-writer.ts';
import { NetlinkError } from './error.ts';

const GENERIC_HEADER = 4;

/** struct nfgenmsg: the header of every nfnetlink message. */
export function writeGenericHeader(writer: AttributeWriter, family: number, resource = 0): void {
  const at = writer.reserve(GENERIC_HEADER);
  writer.written.writeUInt8(family, at);
  writer.written.writeUInt16BE(resource, at + 2);
}

/** Splits an nfnetlink payload into its family and its attributes. Throws EBADMSG. */
export function readGenericHeader(payload: Buffer): { family: number; attributes: Buffer } {
  if (payload.length < GENERIC_HEADER)
    throw new NetlinkError('EBADMSG', 'malformed netlink reply: no nfgenmsg');
  return { family: payload.readUInt8(0), attributes: payload.subarray(GENERIC_HEADER) };
}

/** The resource id of a message's header; of nf_tables, the last 16 bits of the generation it tells of. Throws EBADMSG. */
export function resourceId(payload: Buffer): number {
  if (payload.length < GENERIC_HEADER)
    throw new NetlinkError('EBADMSG', 'malformed netlink reply: no nfgenmsg');
  return payload.readUInt16BE(2);
}
