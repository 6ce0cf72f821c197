import type { DocumentVersions } from '@khien/shared/document';
import type { Id } from '@khien/shared/id';
import type { DocumentHashes } from '@khien/shared/topic';
import type { Client } from 'aedes';
import type { Arrival } from './handshakes.ts';
import type { MeteredStream } from './metered-stream.ts';
import type { Peer } from './peer.ts';

/** How long a peer may take to close, milliseconds. */
const END_TIME = 1000;

/** One router's connection, from the TLS handshake to its end. */
export class RouterConnection {
  /** Names it in the store and in the log; greater than that of any before it from when it is let in. */
  id: string;
  readonly peer: Peer;
  readonly arrival: Arrival;
  readonly stream: MeteredStream;
  /** Set when the broker has let the router in, unless that waits for its family. */
  household: Id | undefined;
  client: Client | undefined;
  /** Versions that it has or was sent; undefined until it said hello. */
  sent: DocumentVersions | undefined;
  /** Of the documents that it had when it said hello, by kind; of those that were sent since, none. */
  hashes: DocumentHashes = {};
  /** What the store said of the router has changed since. */
  overtaken = false;
  /** When something it sent was last recorded as rejected. */
  rejectedAt = Number.NEGATIVE_INFINITY;

  constructor(id: string, peer: Peer, arrival: Arrival, stream: MeteredStream) {
    this.id = id;
    this.peer = peer;
    this.arrival = arrival;
    this.stream = stream;
  }

  get router(): Id {
    return this.peer.router;
  }

  /** Where it comes from. */
  get address(): string {
    return this.arrival.address;
  }

  get isOpen(): boolean {
    return !this.stream.destroyed;
  }

  close(): void {
    this.stream.destroy();
  }

  /** Closes when what was written has gone out, or the peer does not take it in time. */
  async end(): Promise<void> {
    if (this.stream.closed) return;
    const closed = new Promise((resolve) => this.stream.once('close', resolve));
    const timer = setTimeout(() => this.close(), END_TIME);
    this.stream.end();
    await closed;
    clearTimeout(timer);
  }
}
