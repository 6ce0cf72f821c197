import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A resolver that blocks one list for everybody, as its own documentation says it is done. */
export interface Peer {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly version: readonly [string, RegExp];
}

const UPSTREAM = '8.8.8.8';
/** Answers stay in the caches for as long as the bench runs, in seconds. */
export const CACHE_TTL = 3600;
/** dnsmasq reads a line of its configuration up to MAXDNAME, 1025 bytes. */
const LONGEST_LINE = 1000;

/**
 * dnsmasq with `local=/a/b/…/`: the smallest and fastest of its forms to load. `address=/a/` is the same table, with an address it
 * takes a fifth more memory, and a hosts file two thirds more, without the names below those listed.
 */
export async function dnsmasqWithList(
  folder: string,
  address: string,
  names: readonly string[],
): Promise<Peer> {
  const file = join(folder, 'dnsmasq-list.conf');
  await writeLines(file, [
    ...[`listen-address=${address}`, 'bind-interfaces', 'user=root', 'group=root', 'pid-file='],
    ...['no-resolv', 'no-hosts', 'domain-needed', 'cache-size=1000', `min-cache-ttl=${CACHE_TTL}`],
    ...[`server=${UPSTREAM}`, 'log-facility=/dev/null'],
    ...localLines(names),
  ]);
  return {
    name: 'dnsmasq, local=',
    command: 'dnsmasq',
    arguments: ['--keep-in-foreground', `--conf-file=${file}`],
    version: ['--version', /version (\S+)/],
  };
}

function* localLines(names: Iterable<string>): Generator<string> {
  let line = 'local=/';
  for (const name of names) {
    if (line.length + name.length + 1 > LONGEST_LINE) {
      yield line;
      line = 'local=/';
    }
    line += `${name}/`;
  }
  yield line;
}

/** unbound with a `local-zone` for each name: NXDOMAIN for it and all below. */
export function unboundWithZones(folder: string, address: string, names: readonly string[]): Promise<Peer> {
  return unbound(
    folder,
    'unbound, local-zone',
    address,
    (function* () {
      yield '  module-config: "iterator"';
      for (const name of names) yield `  local-zone: "${name}." always_nxdomain`;
    })(),
  );
}

/** unbound with a response policy zone: a record for each name, and one for all below it. */
export async function unboundWithRpz(
  folder: string,
  address: string,
  names: readonly string[],
): Promise<Peer> {
  const zone = join(folder, 'unbound.rpz');
  await writeLines(
    zone,
    (function* () {
      yield '$TTL 3600';
      yield '@ SOA localhost. root.localhost. 1 3600 600 86400 3600';
      yield '@ NS localhost.';
      for (const name of names) yield `${name} CNAME .\n*.${name} CNAME .`;
    })(),
  );
  const config = ['rpz:', '  name: "rpz.bench"', `  zonefile: "${zone}"`];
  return unbound(folder, 'unbound, RPZ', address, ['  module-config: "respip iterator"', ...config]);
}

/** Debian's unbound with its own defaults but for what it must be told to run here; `lines` follow the section `server`. */
async function unbound(
  folder: string,
  name: string,
  address: string,
  lines: Iterable<string>,
): Promise<Peer> {
  const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.conf`);
  await writeLines(
    file,
    (function* () {
      yield 'server:';
      yield* [
        `  interface: ${address}`,
        '  access-control: 0.0.0.0/0 allow',
        '  username: ""',
        '  chroot: ""',
      ];
      yield* [
        `  directory: "${folder}"`,
        '  pidfile: ""',
        '  use-syslog: no',
        `  cache-min-ttl: ${CACHE_TTL}`,
      ];
      yield* ['  do-ip6: no'];
      yield* lines;
      yield* ['forward-zone:', '  name: "."', `  forward-addr: ${UPSTREAM}`];
      yield* ['remote-control:', '  control-enable: no'];
    })(),
  );
  return { name, command: 'unbound', arguments: ['-d', '-c', file], version: ['-V', /Version (\S+)/] };
}

/** Streams lines into a file. */
async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(pieces(lines)), createWriteStream(path));
}

function* pieces(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length > 1 << 16) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
}
