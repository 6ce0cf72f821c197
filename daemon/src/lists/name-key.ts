/** Every ASCII letter loses its case bit; the kernel's masks do the same to each byte of the name but the first. */
export const CASE_MASK = 0xdf;

/** A name in wire format: length-prefixed labels, the root's zero at the end (RFC 1035 §3.1). */
export function wireOf(name: string): Buffer {
  const wire = Buffer.alloc(name.length + 2);
  let lengthAt = 0;
  for (let at = 0; at < name.length; at++) {
    if (name.charCodeAt(at) === 0x2e) {
      wire[lengthAt] = at - lengthAt;
      lengthAt = at + 1;
    } else {
      wire[at + 1] = name.charCodeAt(at);
    }
  }
  wire[lengthAt] = name.length - lengthAt;
  return wire;
}

/**
 * The key of a name in the lists and in the kernel's maps: wire format, all but the first byte masked as the kernel
 * masks a query (DNS 0x20: the case of a query's letters is random). Length bytes inside are masked like letters, so two
 * names could share a key where one has a label above 31 bytes; then the responder, which is asked, tells them apart.
 */
export function keyOf(name: string): Buffer {
  return foldedKey(wireOf(name));
}

/** The key of a name in wire format. */
export function foldedKey(wire: Buffer): Buffer {
  const key = Buffer.from(wire);
  for (let at = 1; at < key.length; at++) key[at] = (key[at] ?? 0) & CASE_MASK;
  return key;
}

/** `name` and every name above it that has at least two labels, longest first. */
export function* suffixesOf(name: string): Generator<string> {
  let suffix = name;
  for (let dot = suffix.indexOf('.'); dot >= 0; dot = suffix.indexOf('.')) {
    yield suffix;
    suffix = suffix.slice(dot + 1);
  }
}
