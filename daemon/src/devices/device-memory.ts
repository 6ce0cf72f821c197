import { deviceEvidence } from '@khien/shared/event';
import { idSchema, instantSchema, type Mac, macSchema } from '@khien/shared/id';
import { fingerprintSchema } from '@khien/shared/topic';
import * as z from 'zod/mini';
import type { Clock } from '../clock/clock.ts';
import type { Log } from '../log.ts';
import { readFileIfThere, setAside, writeFileAtomically } from '../storage/atomic-file.ts';
import { type Files, systemFiles } from '../storage/files.ts';

const traits = {
  hostname: z.nullable(z.string().check(z.maxLength(63))),
  fingerprint: z.nullable(fingerprintSchema),
};

/** An address that was seen here. */
const seenSchema = z.object({
  mac: macSchema,
  firstSeenAt: instantSchema,
  lastSeenAt: instantSchema,
  ...traits,
  former: z.nullable(z.object({ ...traits, until: instantSchema })),
  /** When it was last told that something else uses it; 0 for never. */
  toldAt: instantSchema,
});
export type Seen = z.infer<typeof seenSchema>;

/** A new address that is taken for that of a child's device, until the parents answer. */
const bindingSchema = z.object({
  mac: macSchema,
  device: idSchema,
  evidence: z.array(z.enum(deviceEvidence)),
  at: instantSchema,
});
export type Binding = z.infer<typeof bindingSchema>;

const MAX_SEEN = 256;
const MAX_BINDINGS = 64;
const MAX_SETTLED = 256;

const storedSchema = z.object({
  seen: z.array(seenSchema).check(z.maxLength(MAX_SEEN)),
  bindings: z.array(bindingSchema).check(z.maxLength(MAX_BINDINGS)),
  /** Addresses that were told to look like a device, `mac device`: not to be told again. */
  settled: z.array(z.string().check(z.maxLength(64))).check(z.maxLength(MAX_SETTLED)),
});

/** What is enforced is on flash a moment later; what was only seen, when it is worth a write (milliseconds). */
const SOON = 500;
const LATER = 3_600_000;

/** What is remembered of devices over restarts. Bounded, and spares the flash. */
export class DeviceMemory {
  readonly seen = new Map<Mac, Seen>();
  readonly bindings = new Map<Mac, Binding>();
  readonly #settled = new Set<string>();
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #files: Files;
  #pending: { readonly soon: boolean; readonly cancel: () => void } | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: { path: string; clock: Clock; log: Log; files?: Files }) {
    this.#path = parts.path;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#files = parts.files ?? systemFiles;
  }

  /** Takes up what is stored. What is damaged is set aside: addresses are then new again. */
  async load(): Promise<void> {
    const bytes = await readFileIfThere(this.#path, this.#files).catch((error: unknown) => {
      this.#log.error('what is remembered of devices cannot be read', error);
      return undefined;
    });
    if (bytes === undefined) return;
    try {
      const { seen, bindings, settled } = storedSchema.parse(JSON.parse(bytes.toString()));
      for (const each of seen) this.seen.set(each.mac, each);
      for (const each of bindings) this.bindings.set(each.mac, each);
      for (const each of settled) this.#settled.add(each);
    } catch (error) {
      this.#log.error('what is remembered of devices is damaged', error);
      await setAside(this.#path, this.#files).catch(() => undefined);
    }
  }

  /** Writes what waits. */
  async stop(): Promise<void> {
    if (this.#pending !== undefined) this.#write();
    await this.#writing;
  }

  /** Takes the place of the one that was seen longest ago where there are too many. */
  see(seen: Seen): void {
    const isNew = !this.seen.has(seen.mac);
    if (isNew && this.seen.size >= MAX_SEEN) {
      const [oldest] = [...this.seen.values()].sort((a, b) => a.lastSeenAt - b.lastSeenAt);
      if (oldest !== undefined) this.seen.delete(oldest.mac);
    }
    this.seen.set(seen.mac, seen);
    this.#changed(false);
  }

  bind(binding: Binding): void {
    const [oldest] = this.bindings.keys();
    if (this.bindings.size >= MAX_BINDINGS && oldest !== undefined) this.bindings.delete(oldest);
    this.bindings.set(binding.mac, binding);
    this.#settle(`${binding.mac} ${binding.device}`);
    this.#changed(true);
  }

  unbind(mac: Mac): void {
    if (this.bindings.delete(mac)) this.#changed(true);
  }

  /** Whether it was told once that this address looks like that device. */
  isSettled({ mac, device }: Pick<Binding, 'mac' | 'device'>): boolean {
    return this.#settled.has(`${mac} ${device}`);
  }

  #settle(pair: string): void {
    const [oldest] = this.#settled;
    if (this.#settled.size >= MAX_SETTLED && oldest !== undefined) this.#settled.delete(oldest);
    this.#settled.add(pair);
  }

  #changed(soon: boolean): void {
    if (this.#pending !== undefined && (this.#pending.soon || !soon)) return;
    this.#pending?.cancel();
    this.#pending = { soon, cancel: this.#clock.after(soon ? SOON : LATER, () => this.#write()) };
  }

  #write(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
    const { seen, bindings } = this;
    const content = {
      seen: [...seen.values()],
      bindings: [...bindings.values()],
      settled: [...this.#settled],
    };
    this.#writing = this.#writing
      .then(() => writeFileAtomically(this.#path, JSON.stringify(content), { files: this.#files }))
      .catch((error: unknown) => this.#log.error('what is known of devices could not be stored', error));
  }
}
