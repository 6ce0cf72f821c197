import { ipAddressText } from '../address.ts';
import { Attributes } from '../netlink/attributes.ts';
import type { NetlinkConnection } from '../netlink/connection.ts';
import { isNetlinkError } from '../netlink/error.ts';
import { readGenericHeader, writeGenericHeader } from '../netlink/nfnetlink.ts';
import { attribute, familyOf, messageType, sourceOf, tupleAttribute } from './protocol.ts';

const NLA_F_NESTED = 0x8000;

/** What identifies an entry: its original tuple, and its id so that a successor with the same tuple is spared. */
interface Entry {
  readonly original: Buffer;
  readonly id: Buffer | undefined;
  readonly zone: Buffer | undefined;
}

/** Lists all entries of the address family and deletes those whose original or reply source is the address, one by one. */
export async function deleteByDump(connection: NetlinkConnection, address: Buffer): Promise<number> {
  const found: Entry[] = [];
  await connection.dump(
    {
      type: messageType.get,
      describe: 'list conntrack',
      body: (writer) => writeGenericHeader(writer, familyOf(address)),
    },
    (payload) => {
      const entry = matchingEntry(payload, address);
      if (entry !== undefined) found.push(entry);
    },
    () => found.splice(0),
  );
  let deleted = 0;
  for (const entry of found) if (await deleteEntry(connection, address, entry)) deleted++;
  return deleted;
}

/** Throws EBADMSG. */
export function matchingEntry(payload: Buffer, address: Buffer): Entry | undefined {
  // Most entries are somebody else's, and a busy router has tens of thousands.
  if (!payload.includes(address)) return undefined;
  const attributes = new Attributes(readGenericHeader(payload).attributes);
  const original = attributes.bytes(attribute.original);
  const reply = attributes.bytes(attribute.reply);
  if (original === undefined) return undefined;
  if (!comesFrom(original, address) && !(reply !== undefined && comesFrom(reply, address))) return undefined;
  // Copies, for the dump's buffers are large.
  const copy = (bytes: Buffer | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes));
  return {
    original: Buffer.from(original),
    id: copy(attributes.bytes(attribute.id)),
    zone: copy(attributes.bytes(attribute.zone)),
  };
}

function comesFrom(tuple: Buffer, address: Buffer): boolean {
  return new Attributes(tuple).nested(tupleAttribute.ip)?.bytes(sourceOf(address))?.equals(address) === true;
}

/** Resolves with false when the entry has gone by itself. */
async function deleteEntry(connection: NetlinkConnection, address: Buffer, entry: Entry): Promise<boolean> {
  try {
    await connection.request({
      type: messageType.delete,
      describe: `delete conntrack of ${ipAddressText(address)}`,
      body(writer) {
        writeGenericHeader(writer, familyOf(address));
        writer.bytes(attribute.original | NLA_F_NESTED, entry.original);
        if (entry.id !== undefined) writer.bytes(attribute.id, entry.id);
        if (entry.zone !== undefined) writer.bytes(attribute.zone, entry.zone);
      },
    });
    return true;
  } catch (error) {
    if (isNetlinkError(error, 'ENOENT')) return false;
    throw error;
  }
}
