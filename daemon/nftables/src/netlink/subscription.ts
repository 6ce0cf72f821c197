import { NetlinkError } from './error.ts';

export interface SubscriptionHandlers<Event> {
  event(event: Event): void;
  /** A look failed. The next one tells what this one would have told. */
  lost(error: NetlinkError): void;
}

/**
 * Looks at something of the kernel at once and then every so often, and tells what changed, until `close()`.
 *
 * It does not join a multicast group of the kernel. When events overrun such a socket, the binding (netlink 0.3.0) ends
 * the process: it throws where nobody can catch it. And what makes events is in the hands of others: a device that
 * invents MAC addresses makes a hundred thousand a second (RTNLGRP_NEIGH tells what a bridge learns), a firewall that
 * loads its lists as many in one commit (NFNLGRP_NFTABLES).
 */
export class Subscription<Event> {
  readonly #look: () => Promise<readonly Event[]>;
  readonly #handlers: SubscriptionHandlers<Event>;
  readonly #interval: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `look` resolves with what changed since it last did; `interval` is in milliseconds. */
  constructor(
    look: () => Promise<readonly Event[]>,
    handlers: SubscriptionHandlers<Event>,
    interval: number,
  ) {
    this.#look = look;
    this.#handlers = handlers;
    this.#interval = interval;
    void this.#lookAndTell();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #lookAndTell(): Promise<void> {
    const result = await this.#look().catch((error: unknown) => asNetlinkError(error));
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#lookAndTell(), this.#interval);
    if (result instanceof NetlinkError) this.#handlers.lost(result);
    else for (const event of result) this.#handlers.event(event);
  }
}

function asNetlinkError(error: unknown): NetlinkError {
  return error instanceof NetlinkError ? error : new NetlinkError('EIO', String(error));
}
