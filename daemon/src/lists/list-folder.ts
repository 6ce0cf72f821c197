import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@khien/shared/error';

const tablePattern = /^[0-9a-f]{64}\.khl$/;

/** Where downloaded tables are, each called by the hash of its content, and what has come of one that is on its way. */
export class ListFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  table(sha256: string): string {
    return join(this.#folder, `${sha256}.khl`);
  }

  part(sha256: string): string {
    return join(this.#folder, `${sha256}.part`);
  }

  /** Hashes of the tables that are here, the newest first: two where a power cut came between a download and its use. */
  async tables(): Promise<string[]> {
    const found: { sha256: string; at: number }[] = [];
    for (const name of await this.#names()) {
      if (!tablePattern.test(name)) continue;
      const { mtimeMs } = await stat(join(this.#folder, name));
      found.push({ sha256: name.slice(0, -4), at: mtimeMs });
    }
    return found.sort((a, b) => b.at - a.at).map(({ sha256 }) => sha256);
  }

  /** Removes a table that cannot be used. */
  async remove(sha256: string): Promise<void> {
    await rm(this.table(sha256), { force: true });
  }

  /** Removes all tables and parts but those of these hashes. */
  async keepOnly(hashes: readonly string[]): Promise<void> {
    for (const name of await this.#names()) {
      if (!hashes.includes(name.replace(/\.(khl|part)$/, ''))) await rm(join(this.#folder, name));
    }
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }
}
