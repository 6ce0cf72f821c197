const ETHERNET = 14;
const IPV6_HEADER = 40;
const IPV6 = 0x86dd;
/** Hop-by-hop, routing, fragment, destination options: what may stand before the transport header (RFC 8200 §4.1). */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 44, 60]);
const FRAGMENT = 44;

/**
 * Whether a frame has anything behind its IP headers. A first IPv6 fragment that ends before has nothing: Linux routes it as
 * it is, while it keeps back and forgets all the other fragments.
 */
export function carriesTransport(frame: Buffer): boolean {
  if (frame.length < ETHERNET + IPV6_HEADER || frame.readUInt16BE(12) !== IPV6) return true;
  let next = frame[ETHERNET + 6] ?? 0;
  let at = ETHERNET + IPV6_HEADER;
  while (EXTENSIONS.has(next)) {
    const following = frame[at];
    if (following === undefined) return false;
    if (next === FRAGMENT && at + 4 <= frame.length && frame.readUInt16BE(at + 2) >>> 3 > 0) return true;
    at += next === FRAGMENT ? 8 : 8 * ((frame[at + 1] ?? 0) + 1);
    next = following;
  }
  return at < ETHERNET + IPV6_HEADER + frame.readUInt16BE(ETHERNET + 4);
}
