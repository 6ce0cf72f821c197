import { useLayoutEffect, useReducer } from 'preact/hooks';

/** A value that tells when it changes. */
export class Store<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  /** @returns ends the subscription */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The value of a store, rendering again whenever it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const rendered = store.value;
  useLayoutEffect(() => {
    // It may have changed between the render and this subscription.
    if (!Object.is(rendered, store.value)) render(undefined);
    return store.subscribe(() => render(undefined));
  }, [store]);
  return rendered;
}
