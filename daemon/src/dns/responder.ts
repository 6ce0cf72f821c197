import type { RemoteInfo, Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import type { Mac } from '@khien/shared/id';
import type { Used } from '@khien/shared/policy';
import type { Clock } from '../clock/clock.ts';
import type { LanDevices } from '../devices/lan-devices.ts';
import type { LanSideSource } from '../devices/lan-side.ts';
import { NeighbourProbe } from '../devices/neighbour-probe.ts';
import { DNS_PORT, DNS_TCP_PORT, SIGN_OF_LIFE } from '../layout.ts';
import type { Part } from '../lifecycle.ts';
import type { NameLists } from '../lists/name-lists.ts';
import type { Log } from '../log.ts';
import { optimise } from '../optimised.ts';
import type { InForce } from '../policy/in-force.ts';
import { AskerLookup } from './asker-lookup.ts';
import { type Answered, type BlockedHit, QueryHandler } from './query-handler.ts';
import { Rush } from './rush.ts';
import { TcpListener } from './tcp-listener.ts';
import { TcpResolver } from './tcp-resolver.ts';
import { UdpListeners } from './udp-listeners.ts';
import { type ResolverAddress, UdpResolver } from './udp-resolver.ts';
import { Verdicts } from './verdict.ts';

export interface ResponderOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly devices: LanDevices;
  readonly side: LanSideSource;
  /** What is enforced now; asked for every query. */
  readonly inForce: () => InForce;
  /** The lists in force now; asked for every query. */
  readonly lists: () => NameLists;
  /** Opens the way to addresses of a help name in the kernel; resolves when it is open. */
  readonly allowHelpAddresses: (addresses: readonly string[]) => Promise<void>;
  /** Minutes used of the quotas of a policy. */
  readonly used: (inForce: InForce) => Used;
  /** Told of every blocked query of a managed device. */
  readonly blocked: (hit: BlockedHit) => void;
  readonly answered: Answered;
  /** Told of every message of a device that no resolver could read. */
  readonly odd: (mac: Mac) => void;
  /** The router's own resolver; dnsmasq at 127.0.0.1:53 unless told. */
  readonly resolver?: ResolverAddress;
  /** Those of the layout unless told. */
  readonly ports?: { readonly udp: number; readonly tcp: number };
}

/** Answers the DNS queries that the kernel steers here: what is blocked, and what it cannot decide itself. */
export class Responder implements Part {
  readonly name = 'dns';
  readonly #askers: AskerLookup;
  readonly #probe = new NeighbourProbe();
  readonly #handler: QueryHandler;
  readonly #udpResolver: UdpResolver;
  readonly #udp: UdpListeners;
  readonly #tcp: TcpListener;
  readonly #rush: Rush;
  readonly #clock: Clock;
  readonly #inForce: () => InForce;
  #cancelSign: () => void = () => undefined;
  #running = false;

  constructor(options: ResponderOptions) {
    const { clock, log, devices, side, inForce } = options;
    const resolver = options.resolver ?? { address: '127.0.0.1', port: 53 };
    const ports = options.ports ?? { udp: DNS_PORT, tcp: DNS_TCP_PORT };
    this.#clock = clock;
    this.#inForce = inForce;
    const udpResolver = new UdpResolver(resolver, clock);
    const tcpResolver = new TcpResolver(resolver, clock);
    this.#udpResolver = udpResolver;
    this.#askers = new AskerLookup(devices, clock);
    // A device that asks without a pause for what is blocked would take the core from everybody else's queries.
    this.#rush = new Rush(clock, optimise);
    this.#handler = new QueryHandler({
      verdicts: new Verdicts(options),
      inForce,
      resolve: (query, transport) => (transport === 'udp' ? udpResolver : tcpResolver).ask(query),
      allowHelpAddresses: options.allowHelpAddresses,
      blocked: options.blocked,
      answered: options.answered,
      odd: options.odd,
      log,
    });
    this.#udp = new UdpListeners({
      side,
      port: ports.udp,
      receive: (message, from, socket) => this.#receive(message, from, socket),
      clock,
      log,
    });
    this.#tcp = new TcpListener({
      side,
      port: ports.tcp,
      answer: (message, socket) => this.#answerStream(message, socket),
      device: (from) => this.#askers.known(from) ?? from,
      log,
    });
  }

  async start(): Promise<void> {
    this.#askers.start();
    await this.#udpResolver.start();
    await this.#tcp.start();
    await this.#udp.start();
    this.#running = true;
    this.showLife();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelSign();
    await this.#udp.stop();
    await this.#tcp.stop();
    this.#askers.stop();
    this.#probe.stop();
    this.#rush.stop();
    this.#udpResolver.stop();
  }

  /** Lets the kernel know that somebody answers: now, and from now on. To be called when its tables are new. */
  showLife(): void {
    if (!this.#running) return;
    this.#cancelSign();
    this.#udp.showLife();
    this.#cancelSign = this.#clock.after(SIGN_OF_LIFE, () => this.showLife());
  }

  #receive(message: Buffer, from: RemoteInfo, socket: UdpSocket): void {
    this.#rush.query();
    const mac = this.#askers.known(from.address);
    const answer =
      mac === undefined
        ? this.#answerStranger(message, from)
        : this.#handler.handle(message, { mac: this.#believed(mac), from: from.address, transport: 'udp' });
    if (answer instanceof Promise) void answer.then((bytes) => send(socket, bytes, from));
    else send(socket, answer, from);
  }

  async #answerStranger(message: Buffer, from: RemoteInfo): Promise<Buffer | null> {
    if (this.#askers.hasRoom) this.#probe.ask(from.address);
    const mac = await this.#askers.await(from.address);
    return this.#handler.handle(message, { mac: this.#believed(mac), from: from.address, transport: 'udp' });
  }

  async #answerStream(message: Buffer, socket: Socket): Promise<Buffer | null> {
    const from = socket.remoteAddress ?? '';
    const mac = this.#askers.known(from) ?? (await this.#askers.await(from));
    return this.#handler.handle(message, { mac: this.#believed(mac), from, transport: 'tcp' });
  }

  /**
   * The kernel, which goes by the frame's source, sends here what children's devices and strangers ask. That an address is of
   * anybody else was said by whoever answers for it in ARP or neighbour discovery.
   */
  #believed(mac: Mac | undefined): Mac | undefined {
    if (mac === undefined) return undefined;
    const inForce = this.#inForce();
    return inForce.managed(mac) !== undefined || inForce.isQuarantined(mac) ? mac : undefined;
  }
}

/** What cannot be sent is not sent again: the client will ask anew. Who does not ask how it went saves a tick. */
function send(socket: UdpSocket, answer: Buffer | null, to: { address: string; port: number }): void {
  if (answer === null) return;
  try {
    socket.send(answer, to.port, to.address);
  } catch {
    // ERR_SOCKET_DGRAM_NOT_RUNNING: the address went while the resolver was asked. ERR_SOCKET_BAD_PORT: who asks from port 0
    // can be told nothing.
  }
}
