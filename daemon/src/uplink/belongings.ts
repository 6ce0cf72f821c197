import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Id, idSchema } from '@khien/shared/id';
import type { Log } from '../log.ts';
import { readFileIfThere, writeFileAtomically } from '../storage/atomic-file.ts';

/** What of the state folder is of the family: its rules, what happened in its home, its devices. */
const FAMILY = /^(outbox|boot\.nft|(policy|contacts|lists|usage|devices)\.json)(\..+)?$/;
const IDENTITY = /^identity\.json(\.damaged|\.new)?$/;
const KEY = /^router\.key(\.damaged|\.new)?$/;
const MARK = 'family';

/**
 * What a family leaves on a router, and whose it is: by the id that the router has in that family's home. Another home
 * gives it another id, and must find nothing.
 */
export class Belongings {
  readonly #stateFolder: string;
  readonly #runFolder: string;
  readonly #log: Log;

  constructor(folders: { readonly stateFolder: string; readonly runFolder: string }, log: Log) {
    this.#stateFolder = folders.stateFolder;
    this.#runFolder = folders.runFolder;
    this.#log = log;
  }

  /** The id in whose home what is on flash was gathered; undefined where nobody has noted it. */
  async of(): Promise<Id | undefined> {
    const bytes = await readFileIfThere(join(this.#stateFolder, MARK));
    return idSchema.safeParse(bytes?.toString().trim()).data;
  }

  /**
   * Clears what another home left, and notes whose the router is now. Done before the new identity is used for anything,
   * and again after a power cut in the middle.
   *
   * @throws what the file system does, where something of another home cannot be cleared
   */
  async settle(router: Id): Promise<void> {
    const before = await this.of();
    if (before === router) return;
    if (before !== undefined) {
      this.#log.info('this router has gone to another home: what the one before left is cleared');
      await this.forgetFamily();
    }
    // Where flash is full the first home of a router is noted later.
    await writeFileAtomically(join(this.#stateFolder, MARK), `${router}\n`).catch((error: unknown) =>
      this.#log.error('whose this router is cannot be noted', error),
    );
  }

  /** Removes what is of the family. What the router knows of its own, such as downloaded lists, stays. */
  async forgetFamily(): Promise<void> {
    await remove(this.#stateFolder, FAMILY);
    await remove(this.#runFolder, FAMILY);
  }

  /** Makes the router as it was before anybody claimed it; with `key`, as it was before it was ever switched on. */
  async reset(what: { readonly key: boolean }): Promise<void> {
    // The identity first: without it nothing of the rest is told to anybody, wherever the power goes.
    await remove(this.#stateFolder, IDENTITY);
    if (what.key) await remove(this.#stateFolder, KEY);
    await this.forgetFamily();
    await rm(join(this.#stateFolder, MARK), { force: true });
  }
}

async function remove(folder: string, which: RegExp): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((candidate) => which.test(candidate))) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}
