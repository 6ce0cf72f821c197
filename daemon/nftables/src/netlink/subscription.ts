import { NetlinkError } from './error.ts';
import { eachMessage, type NetlinkMessage } from './message.ts';
import type { OpenTransport, Transport } from './transport.ts';

export interface SubscriptionHandlers<Event> {
  event(event: Event): void;
  /** Events were lost, or could not be read: what was learned from them must be read anew. Later events do arrive. */
  lost(error: NetlinkError): void;
}

const REOPEN_MILLISECONDS = 1000;

/**
 * Listens to the multicast groups of a netlink socket from construction, which throws NetlinkError when there is none,
 * until `close()`. Until then it keeps the event loop alive.
 */
export class Subscription<Event> {
  readonly #open: OpenTransport;
  readonly #parse: (message: NetlinkMessage) => Event | undefined;
  readonly #handlers: SubscriptionHandlers<Event>;
  #transport: Transport;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  /** `parse` picks the messages that are events; undefined is for those that are not. */
  constructor(
    open: OpenTransport,
    parse: (message: NetlinkMessage) => Event | undefined,
    handlers: SubscriptionHandlers<Event>,
  ) {
    this.#open = open;
    this.#parse = parse;
    this.#handlers = handlers;
    this.#transport = this.#listen();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#transport.close();
  }

  #listen(): Transport {
    return this.#open({
      message: (datagram) => this.#receive(datagram),
      failed: (error) => this.#reopen(error),
    });
  }

  #receive(datagram: Buffer): void {
    const events: Event[] = [];
    try {
      for (const message of eachMessage(datagram)) {
        const event = this.#parse(message);
        if (event !== undefined) events.push(event);
      }
    } catch (error) {
      this.#handlers.lost(error instanceof NetlinkError ? error : new NetlinkError('EBADMSG', String(error)));
    }
    for (const event of events) {
      if (this.#closed) return;
      this.#handlers.event(event);
    }
  }

  /** Listens again before it tells, so that whoever then reads everything misses nothing. */
  #reopen(cause: NetlinkError): void {
    if (this.#closed) return;
    try {
      this.#transport = this.#listen();
    } catch {
      this.#retry = setTimeout(() => this.#reopen(cause), REOPEN_MILLISECONDS);
      return;
    }
    this.#handlers.lost(cause);
  }
}
