import { type BinaryLike, type ScryptOptions, scrypt } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<BinaryLike, BinaryLike, number, ScryptOptions, Buffer>(scrypt);

/** Some 10 ms for one of 2^55 codes: whoever finds a manifest finds no code. */
const COST = { N: 4096, r: 8, p: 1 } as const;

/** Codes that a family was given for the next one, not a provider. */
export const OF_A_TRANSFER = 'transfer';

/**
 * What manifests and the store hold of a code that lasts (scrypt, RFC 7914; base64url), to be found by.
 *
 * @param code normalised
 * @param of the internet provider that printed it, or `OF_A_TRANSFER`
 */
export async function claimHash(code: string, of: string): Promise<string> {
  return (await derive(code, `khien-claim-v1 ${of}`, 32, COST)).toString('base64url');
}
