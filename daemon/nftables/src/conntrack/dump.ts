import { Attributes } from '../netlink/attributes.ts';
import type { NetlinkConnection } from '../netlink/connection.ts';
import { isNetlinkError } from '../netlink/error.ts';
import { readGenericHeader, writeGenericHeader } from '../netlink/nfnetlink.ts';
import {
  attribute,
  CTA_IP_V4_SRC,
  CTA_IP_V6_SRC,
  familyOf,
  messageType,
  sourceOf,
  tupleAttribute,
} from './protocol.ts';

const NLA_F_NESTED = 0x8000;

/** What identifies an entry: its original tuple, and its id so that a successor with the same tuple is spared. */
interface Entry {
  readonly original: Buffer;
  readonly id: Buffer | undefined;
  readonly zone: Buffer | undefined;
}

/** The two directions of an entry: of addresses in each, source and destination. */
type Matches = (original: Buffer, reply: Buffer | undefined) => boolean;

/** Lists all entries of the address family and deletes those whose original or reply source is the address, one by one. */
export function deleteByDump(connection: NetlinkConnection, address: Buffer): Promise<number> {
  const matches: Matches = (original, reply) =>
    comesFrom(original, address) || (reply !== undefined && comesFrom(reply, address));
  // Most entries are somebody else's, and a busy router has tens of thousands.
  return deleteMatching(connection, familyOf(address), (payload) =>
    payload.includes(address) ? matchingEntry(payload, matches) : undefined,
  );
}

/**
 * The same for entries with one of `ours` as the source of one direction, and one of `theirs` as that of the other:
 * whichever side began, and whatever NAT did to the destinations. Addresses are hexadecimal, of one length.
 */
export function deleteBetweenByDump(
  connection: NetlinkConnection,
  ours: ReadonlySet<string>,
  theirs: ReadonlySet<string>,
): Promise<number> {
  const [sample = ''] = ours;
  const matches: Matches = (original, reply) => {
    const [from, to] = [sourceText(original), reply && sourceText(reply)];
    if (from === undefined || to === undefined) return false;
    return (ours.has(from) && theirs.has(to)) || (theirs.has(from) && ours.has(to));
  };
  return deleteMatching(connection, familyOf(Buffer.from(sample, 'hex')), (payload) =>
    matchingEntry(payload, matches),
  );
}

/** The same for entries with one of `ours` as the source of a direction and none of `spared` as that of the other. */
export function deleteOthersByDump(
  connection: NetlinkConnection,
  ours: ReadonlySet<string>,
  spared: ReadonlySet<string>,
): Promise<number> {
  const [sample = ''] = ours;
  const matches: Matches = (original, reply) => {
    const [from, to] = [sourceText(original), reply && sourceText(reply)];
    const [near, far] = from !== undefined && ours.has(from) ? [from, to] : [to, from];
    return near !== undefined && ours.has(near) && (far === undefined || !spared.has(far));
  };
  return deleteMatching(connection, familyOf(Buffer.from(sample, 'hex')), (payload) =>
    matchingEntry(payload, matches),
  );
}

async function deleteMatching(
  connection: NetlinkConnection,
  family: number,
  entryOf: (payload: Buffer) => Entry | undefined,
): Promise<number> {
  const found: Entry[] = [];
  await connection.dump(
    {
      type: messageType.get,
      describe: 'list conntrack',
      body: (writer) => writeGenericHeader(writer, family),
    },
    (payload) => {
      const entry = entryOf(payload);
      if (entry !== undefined) found.push(entry);
    },
    () => found.splice(0),
  );
  let deleted = 0;
  for (const entry of found) if (await deleteEntry(connection, family, entry)) deleted++;
  return deleted;
}

/** Throws EBADMSG. */
export function matchingEntry(payload: Buffer, matches: Matches): Entry | undefined {
  const attributes = new Attributes(readGenericHeader(payload).attributes);
  const original = attributes.bytes(attribute.original);
  const reply = attributes.bytes(attribute.reply);
  if (original === undefined || !matches(original, reply)) return undefined;
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

/** In hexadecimal. */
function sourceText(tuple: Buffer): string | undefined {
  const addresses = new Attributes(tuple).nested(tupleAttribute.ip);
  return (addresses?.bytes(CTA_IP_V4_SRC) ?? addresses?.bytes(CTA_IP_V6_SRC))?.toString('hex');
}

/** Resolves with false when the entry has gone by itself. */
async function deleteEntry(connection: NetlinkConnection, family: number, entry: Entry): Promise<boolean> {
  try {
    await connection.request({
      type: messageType.delete,
      describe: 'delete conntrack entry',
      body(writer) {
        writeGenericHeader(writer, family);
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
