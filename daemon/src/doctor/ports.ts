import { DNS_PORT, DNS_TCP_PORT, PORTAL_PORT } from '../layout.ts';
import { type Finding, ok, problem } from './finding.ts';

export type PortProtocol = 'udp' | 'tcp';

/** A socket that waits for whom it does not know yet. */
export interface Listener {
  readonly protocol: PortProtocol;
  readonly port: number;
  /** Whose it is; undefined where no process has it open any more. */
  readonly owner: { readonly pid: number; readonly name: string } | undefined;
}

const ports: readonly { protocol: PortProtocol; port: number; purpose: string }[] = [
  { protocol: 'udp', port: DNS_PORT, purpose: 'answers to blocked names' },
  { protocol: 'tcp', port: DNS_TCP_PORT, purpose: 'names over TCP' },
  { protocol: 'tcp', port: PORTAL_PORT, purpose: "the child's page" },
];

export const watchedPorts: readonly number[] = [53, ...ports.map(({ port }) => port)];

/** Whether the resolver's port and ours are held by whom they should be. `daemon` is the running daemon's process. */
export function checkPorts(listeners: readonly Listener[], daemon: number | undefined): Finding[] {
  const resolvers = listeners.filter(({ protocol, port }) => protocol === 'udp' && port === 53);
  const dns =
    resolvers.length === 0
      ? problem('port udp/53', 'nobody listens', 'start the resolver: /etc/init.d/dnsmasq start')
      : ok('port udp/53', ownersOf(resolvers));
  return [dns, ...ports.map((port) => checkPort(port, listeners, daemon))];
}

function checkPort(
  { protocol, port, purpose }: (typeof ports)[number],
  listeners: readonly Listener[],
  daemon: number | undefined,
): Finding {
  const check = `port ${protocol}/${port}`;
  const found = listeners.filter((listener) => listener.protocol === protocol && listener.port === port);
  const others = found.filter(({ owner }) => owner === undefined || owner.pid !== daemon);
  if (others.length > 0) {
    const todo = `give that program another port: khiend needs it for ${purpose}`;
    return problem(check, `taken by ${ownersOf(others)}`, todo);
  }
  if (found.length > 0) return ok(check, `khiend, ${purpose}`);
  if (daemon === undefined) return ok(check, `free, for ${purpose}`);
  return problem(check, 'khiend does not listen', 'restart it: /etc/init.d/khien restart; its log says why');
}

function ownersOf(listeners: readonly Listener[]): string {
  const owners = listeners.map(({ owner }) =>
    owner === undefined ? 'an unknown process' : `${owner.name} (process ${owner.pid})`,
  );
  return [...new Set(owners)].join(', ');
}
