import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Listener, PortProtocol } from './ports.ts';

/** A line of /proc/net/{udp,tcp}[6]. */
export interface ProcSocket {
  readonly port: number;
  readonly inode: number;
}

/** Socket states of include/net/tcp_states.h: a UDP socket that is not connected counts as closed. */
const LISTENING: Readonly<Record<PortProtocol, string>> = { udp: '07', tcp: '0A' };

/** The waiting sockets of a table of /proc/net; lines of another form are passed over. */
export function parseSockets(text: string, protocol: PortProtocol): ProcSocket[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const port = /^[0-9A-F]{8,32}:([0-9A-F]{4})$/.exec(fields[1] ?? '')?.[1];
    const inode = Number(fields[9]);
    if (port === undefined || fields[3] !== LISTENING[protocol] || !Number.isSafeInteger(inode)) return [];
    return [{ port: Number.parseInt(port, 16), inode }];
  });
}

/** Who waits on these ports, in this network namespace. For root, who alone sees other users' sockets. */
export function listListeners(ports: readonly number[], proc = '/proc'): Listener[] {
  const sockets = (['udp', 'tcp'] as const).flatMap((protocol) =>
    [protocol, `${protocol}6`].flatMap((file) =>
      parseSockets(readText(join(proc, 'net', file)), protocol)
        .filter(({ port }) => ports.includes(port))
        .map((socket) => ({ ...socket, protocol })),
    ),
  );
  const owners = ownersOf(new Set(sockets.map(({ inode }) => `socket:[${inode}]`)), proc);
  return sockets.map(({ protocol, port, inode }) => ({
    protocol,
    port,
    owner: owners.get(`socket:[${inode}]`),
  }));
}

function ownersOf(wanted: ReadonlySet<string>, proc: string): Map<string, { pid: number; name: string }> {
  const owners = new Map<string, { pid: number; name: string }>();
  for (const pid of listFolder(proc).filter((name) => /^\d+$/.test(name))) {
    const folder = join(proc, pid, 'fd');
    for (const descriptor of listFolder(folder)) {
      const target = linkOf(join(folder, descriptor));
      if (target === undefined || !wanted.has(target)) continue;
      owners.set(target, { pid: Number(pid), name: readText(join(proc, pid, 'comm')).trim() });
    }
  }
  return owners;
}

// Processes and their descriptors come and go while they are listed: what is gone is nobody's.

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
