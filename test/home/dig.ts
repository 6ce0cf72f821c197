import type { Host } from './host.ts';

export interface DigOptions {
  /** Whom to ask; the resolver that DHCP gave unless told. */
  readonly server?: string;
  /** A, AAAA, HTTPS, TYPE65 …; A unless told. */
  readonly type?: string;
  readonly tcp?: boolean;
  /** Whether to send EDNS; dig does unless told. */
  readonly edns?: boolean;
  /** The port to ask at; 53 unless told. */
  readonly port?: number;
  /** The port to ask from. */
  readonly sourcePort?: number;
  /** Milliseconds until it gives up, rounded up to seconds; 2 s unless told. Asks once only. */
  readonly timeout?: number;
}

export interface DigAnswer {
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
  readonly type: string;
  readonly data: string;
}

export interface DigReply {
  /** NOERROR, NXDOMAIN, REFUSED …; TIMEOUT when nobody answered. */
  readonly status: string;
  readonly flags: readonly string[];
  readonly answers: readonly DigAnswer[];
  readonly authority: readonly DigAnswer[];
  /** Extended DNS errors (RFC 8914). */
  readonly ede: readonly { readonly code: number; readonly text: string }[];
  /** Who answered, as an address. */
  readonly server: string;
  /** How long it took, milliseconds. */
  readonly ms: number;
}

/** Asks a DNS question from a host with Debian's dig. */
export async function dig(host: Host, name: string, options: DigOptions = {}): Promise<DigReply> {
  const { server, type = 'A', tcp = false, edns = true, port = 53, sourcePort, timeout = 2_000 } = options;
  const { stdout } = await host.exec(
    'dig',
    [
      ...(server === undefined ? [] : [`@${server}`]),
      ...(sourcePort === undefined
        ? []
        : ['-b', `${server?.includes(':') ? '::' : '0.0.0.0'}#${sourcePort}`]),
      ...['-p', String(port), '-q', name, '-t', type],
      ...[
        `+time=${Math.ceil(timeout / 1000)}`,
        '+tries=1',
        tcp ? '+tcp' : '+notcp',
        edns ? '+edns' : '+noedns',
      ],
      ...['+nocookie', '+noidnin', '+noidnout'],
    ],
    { timeout: timeout + 5_000 },
  );
  return parseDig(stdout);
}

/** Reads what dig 9.18 prints. */
export function parseDig(output: string): DigReply {
  const match = (pattern: RegExp) => pattern.exec(output)?.[1];
  const flags = match(/^;; flags: ([a-z ]*);/m) ?? '';
  return {
    status: match(/->>HEADER<<-.*status: (\w+)/) ?? 'TIMEOUT',
    flags: flags.split(' ').filter((flag) => flag !== ''),
    answers: section(output, 'ANSWER'),
    authority: section(output, 'AUTHORITY'),
    ede: [...output.matchAll(/^; EDE: (\d+)(?: \([^)]*\))?(?:: \((.*)\))?$/gm)].map(([, code, text]) => ({
      code: Number(code),
      text: text ?? '',
    })),
    server: match(/^;; SERVER: ([^#\s]+)#/m) ?? '',
    ms: Number(match(/^;; Query time: (\d+) msec/m) ?? 0),
  };
}

function section(output: string, title: string): DigAnswer[] {
  const lines = output.split('\n');
  const start = lines.indexOf(`;; ${title} SECTION:`);
  if (start < 0) return [];
  const records = lines.slice(start + 1);
  const end = records.indexOf('');
  return records.slice(0, end).flatMap((line) => {
    const [, name, ttl, type, data] = /^(\S+)\s+(\d+)\s+IN\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (name === undefined || type === undefined || data === undefined) return [];
    return [{ name, ttl: Number(ttl), type, data }];
  });
}
