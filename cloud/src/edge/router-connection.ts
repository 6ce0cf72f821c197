import type { DocumentVersions } from '@khien/shared/document';
import type { Id } from '@khien/shared/id';
import type { Client } from 'aedes';
import type { MeteredStream } from './metered-stream.ts';
import type { Peer } from './peer.ts';

/** One router's connection, from the TLS handshake to its end. */
export class RouterConnection {
  /** Names it in the store and in the log. */
  readonly id: string;
  readonly peer: Peer;
  readonly stream: MeteredStream;
  /** Set when the broker has let the router in. */
  household: Id | undefined;
  client: Client | undefined;
  /** Versions that it has or was sent; undefined until it said hello. */
  sent: DocumentVersions | undefined;
  /** When something it sent was last recorded as rejected. */
  rejectedAt = Number.NEGATIVE_INFINITY;

  constructor(id: string, peer: Peer, stream: MeteredStream) {
    this.id = id;
    this.peer = peer;
    this.stream = stream;
  }

  get router(): Id {
    return this.peer.router;
  }

  close(): void {
    this.stream.destroy();
  }
}
