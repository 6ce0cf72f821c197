import { codeOf } from '@khien/shared/error';
import type { ListsBody, ListTable } from '@khien/shared/list';
import type { Clock } from '../clock/clock.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { BackOff } from '../uplink/back-off.ts';
import type { Download } from './download/download.ts';
import { isLasting } from './download/job.ts';
import type { ListFolder } from './list-folder.ts';
import { type NameLists, noLists } from './name-lists.ts';
import { TableFile } from './table-file.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const IDLE = 30 * SECOND;
/** A try may take so long; on a line of 64 kB/s that is 100 MB. */
const TRY = 30 * MINUTE;
/** Bytes of flash that documents and events need, whatever a list takes. */
const RESERVE = 4 * 1024 * 1024;

export interface ListUpdatesDeps {
  readonly folder: ListFolder;
  /** The list that came with the daemon, or that the configuration names. */
  readonly shipped: string;
  /** What the cloud's newest `lists` document says; undefined where none has come. */
  readonly wanted: () => ListsBody | undefined;
  readonly onWanted: (listener: () => void) => () => void;
  readonly cloud: { readonly url: string; readonly authority: string | undefined };
  readonly download: Download;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
  readonly report: (code: string, detail: string) => void;
}

/**
 * Which list of names is in force, and how it becomes a newer one: what the cloud's document names is downloaded beside it,
 * proven, and only then used. What is in force stays so until then, whatever comes, and is there after a reboot.
 */
export class ListUpdates implements Part {
  readonly name = 'lists';
  readonly #deps: ListUpdatesDeps;
  readonly #listeners = new Set<() => void>();
  /** For a line that breaks, and for what will not be better soon. */
  readonly #soon = new BackOff(2 * SECOND, 15 * MINUTE);
  readonly #later = new BackOff(10 * MINUTE, 12 * 60 * MINUTE);
  #current: NameLists = noLists;
  #names = 0;
  /** Of the downloaded table in force. */
  #sha256: string | undefined;
  /** Of the table that is being fetched, or will be tried again. */
  #fetching: string | undefined;
  #told = new Set<string>();
  /** Ends what is under way, because another table is wanted or the daemon stops. */
  #cancelled = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #cancelRetry: () => void = () => undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(deps: ListUpdatesDeps) {
    this.#deps = deps;
  }

  /** The list in force. One that was in force before may still be read by whoever has it. */
  get current(): NameLists {
    return this.#current;
  }

  /** What the cloud is told of it; null where there is none. */
  get inForce(): { version: string; names: number } | null {
    return this.#current === noLists ? null : { version: this.#current.version, names: this.#names };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Opens the newest list that is good: one that was downloaded, else the shipped one, else none. */
  async start(): Promise<void> {
    await this.#openStored();
    this.#unsubscribe = this.#deps.onWanted(() => this.#look());
    this.#look();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#cancel();
    await this.#work;
  }

  async #openStored(): Promise<void> {
    const { folder, shipped, log } = this.#deps;
    for (const sha256 of await folder.tables().catch(() => [])) {
      try {
        this.#take(await TableFile.open(folder.table(sha256)));
        this.#sha256 = sha256;
        return;
      } catch (error) {
        this.#tell(error, 'the list that was downloaded cannot be used', sha256.slice(0, 12));
        await folder.remove(sha256).catch(() => undefined);
      }
    }
    try {
      this.#take(await TableFile.open(shipped));
    } catch (error) {
      log.error(`the list ${shipped} cannot be used; categories without it are not blocked`, error);
      this.#deps.report(codeOf(error), 'the list of names by category');
    }
  }

  /** Begins to fetch what the cloud wants, where that is another list than we have or are fetching. */
  #look(): void {
    const table = this.#deps.wanted()?.table ?? undefined;
    if (table === undefined || table.sha256 === this.#fetching) return;
    this.#cancel();
    if (table.sha256 === this.#sha256) return;
    this.#fetching = table.sha256;
    this.#told.clear();
    this.#soon.reset();
    this.#later.reset();
    this.#try(table);
  }

  #cancel(): void {
    this.#cancelRetry();
    this.#cancelled.abort();
    this.#cancelled = new AbortController();
    this.#fetching = undefined;
  }

  #try(table: ListTable): void {
    const { signal } = this.#cancelled;
    this.#work = this.#work.then(() => this.#fetch(table, signal));
  }

  async #fetch(table: ListTable, signal: AbortSignal): Promise<void> {
    const { folder, log, clock } = this.#deps;
    if (signal.aborted) return;
    try {
      await folder.keepOnly([table.sha256, this.#sha256 ?? '']);
      if (!(await folder.tables()).includes(table.sha256)) await this.#download(table, signal);
      if (!signal.aborted) await this.#use(table);
    } catch (error) {
      if (signal.aborted) return;
      this.#tell(error, `the list ${table.version} could not be fetched`, table.version);
      const delay = (isLasting(codeOf(error)) ? this.#later : this.#soon).next();
      log.info(`the list ${table.version} is tried again in ${(delay / SECOND).toFixed(0)} s`);
      this.#cancelRetry = clock.after(delay, () => this.#try(table));
    }
  }

  #download({ path, bytes, sha256 }: ListTable, signal: AbortSignal): Promise<void> {
    const { folder, cloud, download } = this.#deps;
    const job = {
      url: new URL(path, cloud.url).href,
      ...(cloud.authority === undefined ? {} : { authority: cloud.authority }),
      bytes,
      sha256,
      part: folder.part(sha256),
      target: folder.table(sha256),
      idleMs: IDLE,
      tryMs: TRY,
      reserve: RESERVE,
    };
    return download(job, signal);
  }

  async #use({ sha256, version }: ListTable): Promise<void> {
    const { folder, log } = this.#deps;
    const table = await TableFile.open(folder.table(sha256)).catch(async (error: unknown) => {
      await folder.remove(sha256);
      throw error;
    });
    this.#take(table);
    this.#sha256 = sha256;
    this.#fetching = undefined;
    log.info(`the list ${version} is in force: ${table.header.entries} names`);
    for (const listener of this.#listeners) listener();
    // Whoever still reads the old one has it open.
    await folder
      .keepOnly([sha256])
      .catch((error: unknown) => log.error('an old list cannot be removed', error));
  }

  #take(table: TableFile): void {
    this.#current = table;
    this.#names = table.header.entries;
  }

  /** Logs, and reports each kind of failure once for a list. */
  #tell(error: unknown, what: string, version: string): void {
    const code = codeOf(error);
    this.#deps.log.warn(`${what}: ${error instanceof Error ? error.message : String(error)} (${code})`);
    if (this.#told.has(code) || code === 'LIST_INTERRUPTED' || code === 'CLOUD_UNREACHABLE') return;
    this.#told.add(code);
    this.#deps.report(code, `${what} (${version})`);
  }
}
