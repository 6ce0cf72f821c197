// Crockford base 32: no I, L, O, U, so that a code can be read out and typed. The last character is a check digit by
// the Luhn mod N algorithm, which catches every single wrong character and nearly every swap of neighbours.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SHORT = 8;
/** What lasts for months, and of which many are good at once, is not to be guessed in months either. */
const LONG = 12;

/**
 * A claim code that a router shows for half an hour, e.g. `7GQ2-M0XK`: seven random characters (35 bits) and a check digit.
 *
 * @param random seven random bytes
 */
export function claimCodeFrom(random: Uint8Array): string {
  return codeFrom(random, SHORT);
}

/**
 * A claim code that is printed on a router, or given to its next family: eleven random characters (55 bits) and a check
 * digit, e.g. `7GQ2-M0XK-4T9R`.
 *
 * @param random eleven random bytes
 */
export function longClaimCodeFrom(random: Uint8Array): string {
  return codeFrom(random, LONG);
}

/** Whether a normalised code is one of those that last. */
export function isLongClaimCode(code: string): boolean {
  return code.length > SHORT + 1;
}

function codeFrom(random: Uint8Array, length: number): string {
  const body = Array.from(random.subarray(0, length - 1), (byte) => ALPHABET[byte % 32] ?? '0').join('');
  return inGroups(body + (ALPHABET[checkDigit(body)] ?? '0'));
}

/**
 * What a person typed, in the one form codes are stored and compared in: `XXXX-XXXX`, or three groups. Spaces, hyphens and
 * case do not matter, and O, I and L are read as the digits they look like. Undefined where it is no code or the check
 * digit is off.
 */
export function normaliseClaimCode(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  if (
    (code.length !== SHORT && code.length !== LONG) ||
    [...code].some((character) => !ALPHABET.includes(character))
  )
    return undefined;
  const body = code.slice(0, -1);
  if (ALPHABET[checkDigit(body)] !== code.at(-1)) return undefined;
  return inGroups(code);
}

function inGroups(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

function checkDigit(body: string): number {
  const n = ALPHABET.length;
  let sum = 0;
  let factor = 2;
  for (const character of [...body].reverse()) {
    const product = factor * ALPHABET.indexOf(character);
    sum += Math.floor(product / n) + (product % n);
    factor = factor === 2 ? 1 : 2;
  }
  return (n - (sum % n)) % n;
}
