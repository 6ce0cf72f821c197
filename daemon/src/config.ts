import { readFileSync } from 'node:fs';
import { KhienError } from '@khien/shared/error';
import * as z from 'zod/mini';

const path = z.string().check(z.minLength(1), z.maxLength(200));

/** `/etc/khien/config.json`, or the file that `--config` names. Every field has a default but the cloud's URL. */
export const configSchema = z.strictObject({
  cloud: z.strictObject({
    /** https://… of the cloud. */
    url: z.string().check(z.regex(/^https?:\/\/\S+$/), z.maxLength(300)),
    /** PEM file of the CA to trust for it; the system's CAs where absent. */
    authority: z.optional(path),
    /** Longest delay between tries to reach it, seconds. */
    longestBackOff: z._default(z.int().check(z.minimum(1), z.maximum(3600)), 60),
  }),
  lan: z._default(z.strictObject({ interface: z.string().check(z.minLength(1), z.maxLength(15)) }), {
    interface: 'br-lan',
  }),
  /** Survives a reboot: identity, documents, outbox. */
  stateFolder: z._default(path, '/etc/khien'),
  /** Gone after a reboot: status socket, claim code. */
  runFolder: z._default(path, '/var/run/khien'),
  /** dnsmasq's lease file. */
  dhcpLeases: z._default(path, '/tmp/dhcp.leases'),
  /** Touched by the NTP hotplug script when the clock is set. */
  timeSynchronised: z._default(path, '/var/run/khien/time-synchronised'),
  /** The resolver for allowed names: dnsmasq. */
  resolver: z._default(
    z.strictObject({
      address: z.string().check(z.maxLength(45)),
      port: z.int().check(z.minimum(1), z.maximum(65535)),
    }),
    {
      address: '127.0.0.1',
      port: 53,
    },
  ),
  /** What kind of router this is, for the parent to recognise it. */
  model: z._default(z.string().check(z.maxLength(64)), 'OpenWrt router'),
  /** Compiled list of names by category; the one shipped with the daemon where absent. */
  list: z.optional(path),
});
export type Config = z.infer<typeof configSchema>;

/**
 * Reads the configuration: the one place that does.
 *
 * @throws KhienError `CONFIG_MISSING`, `CONFIG_INVALID`, which name the file and the field
 */
export function readConfig(file: string): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new KhienError(
      'CONFIG_MISSING',
      `cannot read ${file}; write {"cloud":{"url":"https://…"}} into it`,
      { cause },
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new KhienError('CONFIG_INVALID', `${file} is not JSON`, { cause });
  }
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'the top level';
  throw new KhienError('CONFIG_INVALID', `${file}: ${where}: ${issue?.message ?? 'invalid'}`);
}

/**
 * The PEM file of the CA to trust for the cloud.
 *
 * @throws KhienError `CONFIG_INVALID`
 */
export function readAuthority(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new KhienError('CONFIG_INVALID', `cannot read the CA file ${file} of cloud.authority`, { cause });
  }
}
