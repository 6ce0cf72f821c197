import { monotonicFactory } from 'ulid';
import * as z from 'zod/mini';

/** A ULID: 26 characters of Crockford base 32, sorted by time of creation (github.com/ulid/spec). */
export const idSchema = z.string().check(z.regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/));
export type Id = z.infer<typeof idSchema>;

/** A new id. Ids made by one process are strictly increasing, also within a millisecond. */
export const newId: (now?: number) => Id = monotonicFactory();

/** Milliseconds since the Unix epoch, UTC. */
export const instantSchema = z.int().check(z.nonnegative(), z.maximum(8.64e15));
export type Instant = z.infer<typeof instantSchema>;

/** A MAC address as this project writes it everywhere: six lower-case hex pairs joined by colons. */
export const macSchema = z.string().check(z.regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/));
export type Mac = z.infer<typeof macSchema>;

/** Is this a locally administered (as a phone's randomised one) address? IEEE 802: bit 1 of the first octet. */
export function isLocallyAdministered(mac: Mac): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 0b10) !== 0;
}
