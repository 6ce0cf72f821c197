import { isIP } from 'node:net';
import { join } from 'node:path';
import { KhienError } from '@khien/shared/error';
import { z } from 'zod';

export type TcpAddress = { readonly host: string; readonly port: number };
export type HttpAddress = TcpAddress | { readonly path: string };

/** An address, or a name (RFC 1123 §2.1: whose last part is no number). */
function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^([a-z\d-]+\.)*(?!\d+$)[a-z\d-]+$/i.test(text);
}

const tcpSchema = z.string().transform((text, context): TcpAddress => {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/]+)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host !== undefined && isHost(host) && port <= 65_535) return { host, port };
  context.addIssue('must be host:port, such as 0.0.0.0:8080 or [::]:8080');
  return z.NEVER;
});

const httpListenSchema = z.string().transform((text, context): HttpAddress => {
  const path = /^unix:(\/.+)$/.exec(text)?.[1];
  if (path !== undefined) return { path };
  const tcp = tcpSchema.safeParse(text);
  if (tcp.success) return tcp.data;
  context.addIssue('must be host:port, such as 127.0.0.1:8080, or unix:/path');
  return z.NEVER;
});

const publicUrlSchema = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((text) => new URL(text))
  .refine((url) => url.href === `${url.origin}/`, 'must be scheme, host and port only');

const mqttUrlSchema = z
  .url({ protocol: /^mqtts$/, error: 'must be mqtts://host:port' })
  .max(300)
  .refine(
    (text) => /^mqtts:\/\/[^/?#@]+:0*[1-9]\d*\/?$/.test(text),
    'must be mqtts://host:port, and name the port',
  );

const proxiesSchema = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'must be addresses or CIDR ranges')));

const databaseUrlSchema = z
  .url({ protocol: /^postgres(ql)?$/, error: 'must be postgres://user:password@host/database' })
  .refine(namesDatabase, 'must be postgres://user:password@host/database, % and others encoded as in a URL');

/** Without a host or a database PostgreSQL's client would take those of whoever starts it. */
function namesDatabase(text: string): boolean {
  try {
    const { hostname, searchParams, pathname, username, password } = new URL(text);
    decodeURIComponent(`${pathname}${username}${password}`);
    return (hostname !== '' || searchParams.has('host')) && /^\/[^/]+$/.test(pathname);
  } catch {
    return false;
  }
}

const settingsSchema = z.strictObject({
  KHIEN_DATA: z
    .string()
    .default('./khien-data')
    .describe(
      'Folder of the database, which holds the keys too, and of published lists, which nodes over one PostgreSQL are to share. Made where it is not there. [./khien-data]',
    ),
  KHIEN_DATABASE_URL: databaseUrlSchema
    .optional()
    .describe(
      'PostgreSQL instead of the embedded database: postgres://user:password@host/database. Nodes share it. [embedded]',
    ),
  KHIEN_PUBLIC_URL: publicUrlSchema
    .optional()
    .describe('Where parents reach the web UI. [localhost and the port of KHIEN_HTTP_LISTEN]'),
  KHIEN_HTTP_LISTEN: httpListenSchema
    .prefault('127.0.0.1:8080')
    .describe('host:port, or unix:/path for a proxy on this machine. [127.0.0.1:8080]'),
  KHIEN_HTTP_TLS: z
    .enum(['none', 'embedded'], 'must be none or embedded')
    .default('none')
    .describe(
      'embedded: serve TLS with a certificate of the embedded authority. none: a proxy does it. [none]',
    ),
  KHIEN_HTTP_TRUSTED_PROXIES: proxiesSchema
    .optional()
    .describe(
      'Load balancers: whose X-Forwarded-For is believed, whose PROXY header is where KHIEN_MQTT_PROXY_PROTOCOL=v2, and whom the edge holds to no limit of handshakes by address. Addresses or CIDR ranges, comma separated. [nobody]',
    ),
  KHIEN_MQTT_LISTEN: tcpSchema
    .prefault('0.0.0.0:8883')
    .describe('host:port of the edge for routers, MQTT over mutual TLS. [0.0.0.0:8883]'),
  KHIEN_MQTT_URL: mqttUrlSchema
    .optional()
    .describe('Where routers are told to connect. [host of KHIEN_PUBLIC_URL, port of KHIEN_MQTT_LISTEN]'),
  KHIEN_MQTT_PROXY_PROTOCOL: z
    .enum(['none', 'v2'], 'must be none or v2')
    .default('none')
    .describe(
      'v2: the load balancers of KHIEN_HTTP_TRUSTED_PROXIES say by the PROXY protocol, version 2, for which router they connect (HAProxy: send-proxy-v2). [none]',
    ),
  KHIEN_METRICS_LISTEN: tcpSchema
    .optional()
    .describe('host:port at which Prometheus asks for /metrics; not for the public. [nowhere]'),
  KHIEN_LOG: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be a level of pino, such as info',
    )
    .default('info')
    .describe('fatal, error, warn, info, debug, trace or silent: JSON lines on stdout. [info]'),
});

const listening = ['KHIEN_HTTP_LISTEN', 'KHIEN_MQTT_LISTEN', 'KHIEN_METRICS_LISTEN'] as const;

const environmentSchema = settingsSchema
  .refine(
    (read) => read.KHIEN_MQTT_PROXY_PROTOCOL === 'none' || read.KHIEN_HTTP_TRUSTED_PROXIES !== undefined,
    {
      path: ['KHIEN_MQTT_PROXY_PROTOCOL'],
      error: 'needs KHIEN_HTTP_TRUSTED_PROXIES: from whom it is believed',
    },
  )
  .superRefine((read, context) => {
    for (const [index, name] of listening.entries()) {
      const other = listening.slice(0, index).find((before) => meet(read[before], read[name]));
      if (other === undefined) continue;
      context.addIssue({ code: 'custom', path: [name], message: `must be another port than ${other}` });
    }
  });

/** Whether two cannot both be listened at. */
function meet(a: HttpAddress | undefined, b: HttpAddress | undefined): boolean {
  if (a === undefined || b === undefined || 'path' in a || 'path' in b) return false;
  const isAny = (host: string) => host === '0.0.0.0' || host === '::';
  return a.port !== 0 && a.port === b.port && (a.host === b.host || isAny(a.host) || isAny(b.host));
}

export interface Config {
  readonly data: string;
  /** Undefined where the embedded database is used. */
  readonly databaseUrl: string | undefined;
  readonly publicUrl: URL;
  readonly httpListen: HttpAddress;
  readonly httpTls: 'none' | 'embedded';
  readonly trustedProxies: readonly string[];
  readonly mqttListen: TcpAddress;
  readonly mqttUrl: string;
  readonly mqttProxyProtocol: 'none' | 'v2';
  /** Undefined: nobody asks. */
  readonly metricsListen: TcpAddress | undefined;
  readonly logLevel: string;
}

/**
 * What the environment says. A `KHIEN_` variable that is none of ours is refused, for it is most likely misspelt; an
 * empty one counts as not set.
 *
 * @throws KhienError `CONFIG_INVALID`; its message has a line for each variable that is wrong
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const ours = Object.entries(environment).filter(
    ([name, value]) => name.startsWith('KHIEN_') && value !== '',
  );
  const parsed = environmentSchema.safeParse(Object.fromEntries(ours));
  if (!parsed.success) {
    throw new KhienError('CONFIG_INVALID', parsed.error.issues.flatMap(linesOf).join('\n'));
  }
  const read = parsed.data;
  const publicUrl = read.KHIEN_PUBLIC_URL ?? localUrl(read.KHIEN_HTTP_LISTEN, read.KHIEN_HTTP_TLS);
  return {
    data: read.KHIEN_DATA,
    databaseUrl: read.KHIEN_DATABASE_URL,
    publicUrl,
    httpListen: read.KHIEN_HTTP_LISTEN,
    httpTls: read.KHIEN_HTTP_TLS,
    trustedProxies: read.KHIEN_HTTP_TRUSTED_PROXIES ?? [],
    mqttListen: read.KHIEN_MQTT_LISTEN,
    mqttUrl: read.KHIEN_MQTT_URL ?? `mqtts://${publicUrl.hostname}:${read.KHIEN_MQTT_LISTEN.port}`,
    mqttProxyProtocol: read.KHIEN_MQTT_PROXY_PROTOCOL,
    metricsListen: read.KHIEN_METRICS_LISTEN,
    logLevel: read.KHIEN_LOG,
  };
}

function linesOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => `${name}: there is no such setting`);
  return [`${issue.path.join('.')}: ${issue.message}`];
}

function localUrl(listen: HttpAddress, tls: Config['httpTls']): URL {
  const port = 'port' in listen ? `:${listen.port}` : '';
  return new URL(`${tls === 'embedded' ? 'https' : 'http'}://localhost${port}`);
}

/** Where the store is, as `openStore` takes it. */
export function storeLocation({ databaseUrl, data }: Config): string {
  return databaseUrl ?? join(data, 'khien.sqlite');
}

/** As text, to be looked at: without the password of the database. */
export function describeConfig(config: Config): string {
  const { databaseUrl } = config;
  return JSON.stringify({ ...config, databaseUrl: databaseUrl && withoutPassword(databaseUrl) }, null, 2);
}

function withoutPassword(text: string): string {
  const url = new URL(text);
  if (url.password !== '') url.password = '***';
  if (url.searchParams.has('password')) url.searchParams.set('password', '***');
  return url.href;
}

/** The settings, for `--help`. */
export function describeSettings(): string {
  return Object.entries(settingsSchema.shape)
    .map(([name, schema]) => `  ${name}\n      ${schema.description ?? ''}`)
    .join('\n');
}
