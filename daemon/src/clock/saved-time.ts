import { type Instant, instantSchema } from '@khien/shared/id';
import type { Log } from '../log.ts';
import { readFileIfThere, writeFileAtomically } from '../storage/atomic-file.ts';
import { type Files, systemFiles } from '../storage/files.ts';

/** The last time that was known, on flash. It is a help and no more: what goes wrong with it is logged. */
export class SavedTime {
  readonly #path: string;
  readonly #log: Log;
  readonly #files: Files;

  constructor(path: string, log: Log, files: Files = systemFiles) {
    this.#path = path;
    this.#log = log;
    this.#files = files;
  }

  async load(): Promise<Instant | undefined> {
    try {
      const bytes = await readFileIfThere(this.#path, this.#files);
      return bytes === undefined ? undefined : instantSchema.parse(JSON.parse(bytes.toString()));
    } catch (error) {
      this.#log.error('the time that was saved cannot be read', error);
      return undefined;
    }
  }

  async save(at: Instant): Promise<void> {
    try {
      await writeFileAtomically(this.#path, JSON.stringify(at), { files: this.#files });
    } catch (error) {
      this.#log.error('the time could not be saved', error);
    }
  }
}
