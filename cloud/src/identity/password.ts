import { hash, verify } from '@node-rs/argon2';
import { type Lane, Turns } from './turns.ts';

/** OWASP Password Storage Cheat Sheet: argon2id (the library's default), 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;

/**
 * Passwords of this process that are looked at at once, some 30 ms each: half of libuv's four threads, so that files, keys
 * and names never wait for them. As many as are looked at within a second or so may wait.
 */
const turns = new Turns(2, 32);

/**
 * What looks at a password: all of it together is one turn.
 *
 * @throws KhienError `TOO_MANY_REQUESTS` while too many others wait, `STORE_UNAVAILABLE` for who waits, and what `work` throws
 */
export function inTurn<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
  return turns.take(lane, work);
}

/** A PHC string with its own salt. To be called in turn. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, PARAMETERS);
}

/** To be called in turn. */
export function verifyPassword(stored: string, password: string): Promise<boolean> {
  return verify(stored, password);
}
