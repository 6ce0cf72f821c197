import type { Change } from './contract.ts';

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;
/** How often to ask anyway while nothing tells of changes, milliseconds. */
const POLL = 20_000;

/** What the stream needs of an `EventSource`. */
export interface Source {
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: Event) => void) | null;
  close(): void;
}

/**
 * Tells what changed on the server (server-sent events). It reconnects with a back-off and jitter, so that a restarted
 * cloud is not met by every phone at once; until it is connected it asks from time to time.
 */
export class ChangeStream {
  readonly #open: () => Source;
  readonly #onChange: (changed: Change['changed'] | 'all') => void;
  #source: Source | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #poll: ReturnType<typeof setInterval> | undefined;
  #failures = 0;

  /** @param onChange `all` means that changes may have been missed */
  constructor(open: () => Source, onChange: (changed: Change['changed'] | 'all') => void) {
    this.#open = open;
    this.#onChange = onChange;
  }

  start(): void {
    this.stop();
    this.#failures = 0;
    this.#connect();
  }

  stop(): void {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#retry);
    this.#stopPolling();
  }

  #connect(): void {
    const source = this.#open();
    this.#source = source;
    source.onopen = () => {
      this.#failures = 0;
      this.#stopPolling();
      this.#onChange('all');
    };
    source.onmessage = (event) => {
      const changed = changedOf(event.data);
      if (changed !== undefined) this.#onChange(changed);
    };
    source.onerror = () => {
      // The browser's own reconnection never backs off, and gives up for good on some answers.
      source.close();
      this.#source = undefined;
      this.#poll ??= setInterval(() => this.#onChange('all'), POLL);
      this.#retry = setTimeout(() => this.#connect(), waitAfter(this.#failures, Math.random()));
      this.#failures += 1;
    };
  }

  #stopPolling(): void {
    clearInterval(this.#poll);
    this.#poll = undefined;
  }
}

/** Milliseconds to wait after `failures` failures in a row; `random` in [0, 1) spreads the second half of it. */
export function waitAfter(failures: number, random: number): number {
  const full = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures, 10));
  return full / 2 + (full / 2) * random;
}

const PARTS: readonly Change['changed'][] = ['home', 'activity', 'requests', 'rights', 'notifications'];

function changedOf(data: unknown): Change['changed'] | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const message: unknown = JSON.parse(data);
    if (typeof message !== 'object' || message === null || !('changed' in message)) return undefined;
    const { changed } = message;
    return PARTS.find((part) => part === changed);
  } catch {
    return undefined;
  }
}
