import { createHash } from 'node:crypto';
import { type Mac, macSchema } from '@khien/shared/id';
import type { fingerprintSchema } from '@khien/shared/topic';
import type * as z from 'zod/mini';
import { readHostname } from './dhcp-leases.ts';

export type Fingerprint = z.infer<typeof fingerprintSchema>;

/** What a device tells of itself when it asks for an address. Untrusted. */
export interface DhcpNote {
  readonly mac: Mac;
  /** Option 12; null where it says nothing. */
  readonly hostname: string | null;
  /** What its DHCP client is like; null where it tells too little. */
  readonly fingerprint: Fingerprint | null;
}

/** A note is three lines of what options may hold at most (RFC 2132: 255 bytes each). */
export const MAX_NOTE_BYTES = 2048;

/**
 * Reads a note as the DHCP hook (firmware-scripts, `khien.dhcp`) writes it to a file named by the MAC: the parameter request
 * list as dnsmasq has it (`1,3,6,15`), the vendor class and the host name, a line each. Undefined where the name is no MAC.
 */
export function readDhcpNote(file: string, text: string): DhcpNote | undefined {
  const mac = macSchema.safeParse(file);
  if (!mac.success) return undefined;
  const [requested = '', vendorClass = '', hostname] = text.slice(0, MAX_NOTE_BYTES).split('\n');
  return {
    mac: mac.data,
    hostname: readHostname(hostname),
    fingerprint: fingerprintOf(requested, vendorClass),
  };
}

/**
 * The order in which a client asks for options (RFC 2132 §9.8) and its vendor class (§9.13) tell systems apart, and not two
 * machines of one model. Numbers in the class are versions, which change with every update: they are left out.
 */
export function fingerprintOf(requested: string, vendorClass: string): Fingerprint | null {
  const options = /^\d{1,3}(,\d{1,3}){0,254}$/.test(requested) ? requested : '';
  const kind = vendorClass.slice(0, 255).replace(/\d+([._-]\d+)*/g, '#');
  if (options === '' && kind === '') return null;
  return createHash('sha256').update(`${options}\n${kind}`).digest('hex').slice(0, 16);
}
