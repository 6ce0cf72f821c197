/** What happened to an object: `set` is for new and changed ones. */
export interface RouteEvent<T> {
  readonly change: 'set' | 'deleted';
  readonly object: T;
}

/** Finds what changed between one list and the next; before the first one there was nothing. */
export class Changes<T> {
  readonly #identity: (object: T) => string;
  #known = new Map<string, T>();

  /** `identity` tells which object of one list is which of the next. */
  constructor(identity: (object: T) => string) {
    this.#identity = identity;
  }

  next(objects: readonly T[]): RouteEvent<T>[] {
    const before = this.#known;
    this.#known = new Map(objects.map((object) => [this.#identity(object), object]));
    const events: RouteEvent<T>[] = [];
    for (const [identity, object] of before) {
      if (!this.#known.has(identity)) events.push({ change: 'deleted', object });
    }
    for (const [identity, object] of this.#known) {
      if (JSON.stringify(before.get(identity)) !== JSON.stringify(object))
        events.push({ change: 'set', object });
    }
    return events;
  }
}
