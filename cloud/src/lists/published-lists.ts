import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalogue } from '@khien/shared/catalogue';
import type { ListsBody } from '@khien/shared/list';
import type { FastifyBaseLogger } from 'fastify';
import { manifestOf } from './manifest.ts';
import type { TableFolder } from './table-folder.ts';

/** How soon a list that another process published is noticed, milliseconds. */
const LOOK_EVERY = 5000;

export interface PublishedListsDeps {
  readonly folder: TableFolder;
  readonly catalogue: Catalogue;
}

/** Body of the `lists` document as it is to be now: follows what `khien-cloud lists publish` does. */
export class PublishedLists {
  readonly #deps: PublishedListsDeps;
  readonly #stopping = new AbortController();
  #body: ListsBody;
  #watching: Promise<void> = Promise.resolve();

  constructor(deps: PublishedListsDeps) {
    this.#deps = deps;
    this.#body = manifestOf(deps.catalogue, null, []);
  }

  get body(): ListsBody {
    return this.#body;
  }

  /**
   * Whether another table is published than before.
   *
   * @throws KhienError `LIST_UNREADABLE`; what was known stays so
   */
  async load(): Promise<boolean> {
    const published = await this.#deps.folder.published();
    const before = this.#body.table?.sha256;
    this.#body = manifestOf(this.#deps.catalogue, published?.table ?? null, published?.counts ?? []);
    return this.#body.table?.sha256 !== before;
  }

  /** Looks again and again, and tells when there is another table. */
  watch(log: Pick<FastifyBaseLogger, 'error'>, changed: () => Promise<void>, every = LOOK_EVERY): void {
    const { signal } = this.#stopping;
    const pause = () => sleep(every, undefined, { signal, ref: false }).catch(() => undefined);
    const run = async (): Promise<void> => {
      for (await pause(); !signal.aborted; await pause()) {
        try {
          if (await this.load()) await changed();
        } catch (error) {
          log.error({ err: error }, 'the published list cannot be read');
        }
      }
    };
    this.#watching = run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }
}
