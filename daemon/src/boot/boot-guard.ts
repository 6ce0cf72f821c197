import type { Instant, Mac } from '@khien/shared/id';
import type { Clock } from '../clock/clock.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import type { InForce } from '../policy/in-force.ts';
import { readFileIfThere, writeFileAtomically } from '../storage/atomic-file.ts';
import { type Files, systemFiles } from '../storage/files.ts';
import { type BootRules, readBootRules, writeBootRules } from './boot-rules.ts';

/** Addresses of help change often, and flash wears out: for them alone the file is written once in so long (milliseconds). */
const FRESH_MS = 24 * 3_600_000;

export interface BootGuardDeps {
  /** Where the boot script looks for the rules. */
  readonly path: string;
  /** The router's interface on the LAN. */
  readonly lan: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly inForce: () => InForce;
  /** Calls back when what is in force may have changed; the result unsubscribes. */
  readonly onChange: (listener: () => void) => () => void;
  readonly files?: Files;
}

/**
 * Keeps on flash what holds managed devices closed between a boot and the daemon's first transaction. It is written when
 * other devices are managed, and now and then for the addresses of help.
 */
export class BootGuard implements Part {
  readonly name = 'boot guard';
  readonly #deps: BootGuardDeps;
  readonly #files: Files;
  /** What is on flash. */
  #stored: BootRules = { macs: [], known: null, helpAddresses: [] };
  #storedAt: Instant = Number.NEGATIVE_INFINITY;
  #helpAddresses: readonly string[] | undefined;
  #unsubscribe: () => void = () => undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: BootGuardDeps) {
    this.#deps = deps;
    this.#files = deps.files ?? systemFiles;
  }

  async start(): Promise<void> {
    const { path, log, onChange } = this.#deps;
    const text = await readFileIfThere(path, this.#files).catch((error: unknown) => {
      log.error('the rules for the next boot cannot be read', error);
      return undefined;
    });
    this.#stored = readBootRules(text?.toString() ?? '');
    this.#unsubscribe = onChange(() => this.#consider());
    this.#consider();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#writing;
  }

  /** Addresses of help names, as they were found just now. */
  found(helpAddresses: readonly string[]): void {
    this.#helpAddresses = [...new Set(helpAddresses)].sort();
    this.#consider();
  }

  #consider(): void {
    this.#writing = this.#writing
      .then(() => this.#writeWhereNeeded())
      .catch((error: unknown) =>
        this.#deps.log.error('the rules for the next boot could not be stored', error),
      );
  }

  async #writeWhereNeeded(): Promise<void> {
    const { path, lan, clock, inForce } = this.#deps;
    const { policyKnown, policy } = inForce();
    // What a policy that is lost had managed stays closed until it is back.
    if (!policyKnown) return;
    const macs: Mac[] = [...new Set(policy.devices.flatMap((device) => device.macs))].sort();
    const known = policy.newDevices === 'quarantine' ? [...new Set([...policy.known, ...macs])].sort() : null;
    const helpAddresses = this.#helpAddresses ?? this.#stored.helpAddresses;
    const others = String(macs) !== String(this.#stored.macs) || known?.join() !== this.#stored.known?.join();
    const isFresh =
      String(helpAddresses) === String(this.#stored.helpAddresses) ||
      (this.#stored.helpAddresses.length > 0 && Math.abs(clock.now() - this.#storedAt) <= FRESH_MS);
    if (!others && isFresh) return;
    const next = { macs, known, helpAddresses };
    if (macs.length === 0 && known === null) await this.#files.remove(path);
    else await writeFileAtomically(path, writeBootRules(next, lan), { files: this.#files });
    this.#stored = next;
    this.#storedAt = clock.now();
  }
}
