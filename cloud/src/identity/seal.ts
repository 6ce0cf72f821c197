import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Instant } from '@khien/shared/id';
import { secretOnce } from '../authority/secret.ts';
import type { Db } from '../store/open.ts';

/** Signs what a browser keeps for this cloud, on whichever node it comes back to (HMAC-SHA-256, RFC 2104). */
export class Seal {
  readonly #key: Buffer;

  private constructor(key: Buffer) {
    this.#key = key;
  }

  static async open(db: Db, now: Instant): Promise<Seal> {
    const make = () => Promise.resolve(randomBytes(32).toString('base64url'));
    return new Seal(Buffer.from(await secretOnce(db, 'browser-seal', make, now), 'base64url'));
  }

  /** @param parts what it stands for; the first says for which use, so that none is taken for another */
  sign(...parts: readonly string[]): string {
    return createHmac('sha256', this.#key).update(JSON.stringify(parts)).digest('base64url');
  }

  isSigned(signature: string, ...parts: readonly string[]): boolean {
    const expected = Buffer.from(this.sign(...parts));
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}
