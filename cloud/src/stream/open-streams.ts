import type { Id } from '@khien/shared/id';

interface Closable {
  close(): void;
}

/** The open streams of each account, at most `limit`: one more closes the oldest, which is most likely a page long gone. */
export class OpenStreams {
  readonly #limit: number;
  readonly #byAccount = new Map<Id, Set<Closable>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(account: Id, stream: Closable): void {
    const streams = this.#byAccount.get(account) ?? new Set();
    this.#byAccount.set(account, streams.add(stream));
    if (streams.size <= this.#limit) return;
    const [oldest] = streams;
    if (oldest === undefined) return;
    this.remove(account, oldest);
    oldest.close();
  }

  remove(account: Id, stream: Closable): void {
    const streams = this.#byAccount.get(account);
    if (streams?.delete(stream) && streams.size === 0) this.#byAccount.delete(account);
  }

  closeAll(): void {
    for (const streams of this.#byAccount.values()) for (const stream of streams) stream.close();
    this.#byAccount.clear();
  }
}
