import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@khien/shared/error';
import type { Clock } from '../clock/clock.ts';
import type { Log } from '../log.ts';
import { type DhcpNote, MAX_NOTE_BYTES, readDhcpNote } from './dhcp-note.ts';

/** Several devices may ask at once. */
const SETTLE_MS = 50;
/** Where the folder cannot be watched it is read this often. */
const REREAD_MS = 10_000;
/** As many as the hook keeps. */
const MAX_NOTES = 512;

/** Follows what the DHCP hook notes down in a folder in memory: one file for each device that asked for an address. */
export class DhcpNotes {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tell: (note: DhcpNote) => void;
  /** When each file was written that was read. */
  readonly #read = new Map<string, number>();
  #watcher: FSWatcher | undefined;
  #cancel: () => void = () => undefined;
  #soon = false;
  #warned: string | undefined;
  #stopped = false;
  #reading: Promise<void> = Promise.resolve();

  constructor(parts: { folder: string; clock: Clock; log: Log; tell: (note: DhcpNote) => void }) {
    this.#folder = parts.folder;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#tell = parts.tell;
  }

  /** Reads what is there, and makes the folder where only that is missing. */
  async start(): Promise<void> {
    await mkdir(this.#folder, { mode: 0o700 }).catch(() => undefined);
    await this.#readAll();
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, () => this.#readSoon(SETTLE_MS));
      this.#watcher.on('error', (error) => this.#warn(error));
    } catch (error) {
      this.#warn(error);
    }
    this.#readSoon(REREAD_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watcher?.close();
    this.#cancel();
    await this.#reading;
  }

  #warn(error: unknown): void {
    const code = codeOf(error);
    if (code !== this.#warned)
      this.#log.warn(`what devices tell DHCP is not known: ${this.#folder}: ${code}`);
    this.#warned = code;
  }

  #readSoon(delay: number): void {
    if (this.#soon || this.#stopped) return;
    this.#soon = delay === SETTLE_MS;
    this.#cancel();
    this.#cancel = this.#clock.after(delay, () => {
      this.#soon = false;
      this.#reading = this.#readAll().finally(() => this.#readSoon(REREAD_MS));
    });
  }

  async #readAll(): Promise<void> {
    try {
      const files = (await readdir(this.#folder)).slice(0, MAX_NOTES);
      for (const file of this.#read.keys()) if (!files.includes(file)) this.#read.delete(file);
      for (const file of files) await this.#readOne(file);
    } catch (error) {
      this.#warn(error);
    }
  }

  async #readOne(file: string): Promise<void> {
    const path = join(this.#folder, file);
    try {
      const { mtimeMs, size } = await stat(path);
      if (this.#read.get(file) === mtimeMs || size > MAX_NOTE_BYTES) return;
      const note = readDhcpNote(file, (await readFile(path)).toString());
      this.#read.set(file, mtimeMs);
      if (note !== undefined) this.#tell(note);
    } catch (error) {
      // The hook removes the oldest.
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
}
