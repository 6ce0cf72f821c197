// RFC 1035 §2.3.4, counted on the wire, with the final zero octet.
const MAX_WIRE = 255;
const MAX_LABEL = 63;

const PLAIN_LABEL = /^[a-z0-9_-]{1,63}$/;

/**
 * Reads an uncompressed name at `offset`. Its text is lower case (ASCII only, RFC 4343), without a final dot; an octet
 * that is not a visible ASCII character, a dot or a backslash within a label is written `\DDD`, so that different names
 * never have the same text. Undefined where there is a pointer, a reserved label type, or no end within bounds.
 */
export function readQname(bytes: Buffer, offset: number): { text: string; end: number } | undefined {
  let text = '';
  let at = offset;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || length > MAX_LABEL) return undefined;
    at += 1;
    if (at - offset + length > MAX_WIRE) return undefined;
    if (length === 0) return { text, end: at };
    if (at + length > bytes.length) return undefined;
    if (text !== '') text += '.';
    text += labelText(bytes, at, at + length);
    at += length;
  }
}

function labelText(bytes: Buffer, start: number, end: number): string {
  const label = bytes.toString('latin1', start, end);
  return /^[A-Za-z0-9_-]*$/.test(label) ? label.toLowerCase() : Array.from(label, escaped).join('');
}

function escaped(character: string): string {
  if (character >= 'A' && character <= 'Z') return character.toLowerCase();
  if (character > ' ' && character <= '~' && character !== '.' && character !== '\\') return character;
  return `\\${String(character.charCodeAt(0)).padStart(3, '0')}`;
}

/** The longest part of `text` (as `readQname` writes it), from some label on, that lists can hold: plain labels only. */
export function plainSuffix(text: string): string {
  const labels = text.split('.');
  const odd = labels.findLastIndex((label) => !PLAIN_LABEL.test(label));
  return labels.slice(odd + 1).join('.');
}

/** A plain name in wire format, uncompressed. */
export function wireName(text: string): Buffer {
  const labels = text.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')]));
  return Buffer.concat([...labels, Buffer.of(0)]);
}
