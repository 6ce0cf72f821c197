// Crockford base 32: no I, L, O, U, so that a code can be read out and typed. The last character is a check digit by
// the Luhn mod N algorithm, which catches every single wrong character and nearly every swap of neighbours.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 8;

/**
 * A claim code, e.g. `7GQ2-M0XK`, of seven random characters (35 bits) and a check digit.
 *
 * @param random seven random bytes
 */
export function claimCodeFrom(random: Uint8Array): string {
  const body = Array.from(random.subarray(0, LENGTH - 1), (byte) => ALPHABET[byte % 32] ?? '0').join('');
  const code = body + (ALPHABET[checkDigit(body)] ?? '0');
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/**
 * What a person typed, in the one form codes are stored and compared in: `XXXX-XXXX`. Spaces, hyphens and case do not
 * matter, and O, I and L are read as the digits they look like. Undefined where it is no code or the check digit is off.
 */
export function normaliseClaimCode(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  if (code.length !== LENGTH || [...code].some((character) => !ALPHABET.includes(character)))
    return undefined;
  const body = code.slice(0, -1);
  if (ALPHABET[checkDigit(body)] !== code.at(-1)) return undefined;
  return `${code.slice(0, 4)}-${code.slice(4)}`;
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
