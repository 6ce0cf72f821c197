import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '@khien/shared/catalogue';
import { signDocument } from '@khien/shared/document';
import { newId } from '@khien/shared/id';
import { type Policy, policyBodySchema, rulesFromPreset } from '@khien/shared/policy';
import { BootGuard } from '../../daemon/src/boot/boot-guard.ts';
import { ManualClock } from '../../daemon/src/clock/manual-clock.ts';
import { SavedTime } from '../../daemon/src/clock/saved-time.ts';
import { DocumentFiles } from '../../daemon/src/documents/document-files.ts';
import { Documents, type NewEvent } from '../../daemon/src/documents/documents.ts';
import { Outbox } from '../../daemon/src/outbox/outbox.ts';
import { UsageFile } from '../../daemon/src/usage/usage-file.ts';
import { UsageWatch } from '../../daemon/src/usage/usage-watch.ts';
import type { Flash } from './flash.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What of the day is played; the rest of it does not happen. */
export const dayParts = ['rules', 'requests', 'tries', 'usage', 'house'] as const;
export type DayPart = (typeof dayParts)[number];

interface Child {
  readonly profile: string;
  readonly device: string;
  readonly mac: string;
}

/**
 * A day of a family of four, in simulated time, by the parts of the daemon that write to flash:
 * two children at their devices from six to eight, twelve to two and four to ten; sixteen changes of rules (pauses, extra time, answers),
 * six requests, two hundred bursts of blocked tries, three words of each; the cloud out of reach for two hours and for six times
 * five minutes; a new device, addresses of help that change all the time, and one start of the daemon.
 * Every minute what is only in the page cache goes to the disk, as within a real day it would.
 */
export class FamilyDay {
  readonly #flash: Flash;
  readonly #parts: ReadonlySet<DayPart>;
  readonly #clock = new ManualClock(Date.UTC(2026, 10, 21, 17));
  readonly #children: readonly Child[];
  readonly #keys = generateKeyPairSync('ed25519');
  readonly #router = newId();
  readonly #outbox: Outbox;
  readonly #documents: Documents;
  readonly #usage: UsageWatch;
  readonly #guard: BootGuard;
  readonly #savedTime: SavedTime;
  #version = 0;
  /** Events that reached the cloud. */
  sent = 0;

  constructor(flash: Flash, parts: readonly DayPart[] = dayParts) {
    const folder = join(flash.folder, 'khien');
    const memory = mkdtempSync(join(tmpdir(), 'khien-day-'));
    mkdirSync(folder, { recursive: true });
    const clock = this.#clock;
    this.#flash = flash;
    this.#parts = new Set(parts);
    this.#children = [1, 2].map((number) => ({
      profile: newId(),
      device: newId(),
      mac: `02:00:00:00:00:0${number}`,
    }));
    this.#outbox = new Outbox({ folder: join(folder, 'outbox'), clock, log: silent, capacity: 10_000 });
    this.#documents = new Documents({
      files: new DocumentFiles(folder, silent),
      log: silent,
      apply: () => Promise.resolve(),
      report: (event) => this.#outbox.put(event),
      clock,
      issued: () => undefined,
    });
    const inForce = () => this.#documents.inForce;
    const onChange = (listener: () => void) => this.#documents.onChange(listener);
    this.#usage = new UsageWatch({
      clock,
      uptime: () => clock.now() - Date.UTC(2026, 10, 21),
      machineStart: 'today',
      counters: {
        readUsage: () => Promise.resolve(this.#traffic()),
        usageMarks: () => [],
        resumeUsage: () => undefined,
      },
      inForce,
      onPolicy: onChange,
      files: {
        memory: new UsageFile(join(memory, 'usage.json')),
        flash: new UsageFile(join(folder, 'usage.json')),
      },
      emit: (event) => this.#outbox.putVolatile(event),
      damaged: () => undefined,
      log: silent,
    });
    this.#guard = new BootGuard({
      path: join(folder, 'boot.nft'),
      lan: 'br-lan',
      clock,
      log: silent,
      inForce,
      onChange,
    });
    this.#savedTime = new SavedTime(join(folder, 'clock.json'), silent);
  }

  /** Plays the day. @returns bytes that the file system wrote to its disk */
  async play(progress: (text: string) => void = () => undefined): Promise<number> {
    const before = this.#flash.bytesWritten;
    await this.#outbox.start();
    await this.#documents.restore({ keys: [{ id: 'k1', key: this.#keys.publicKey }], router: this.#router });
    // A family that has its rules since yesterday.
    await this.#changeRules();
    if (this.#parts.has('usage')) await this.#usage.start();
    if (this.#parts.has('house')) await this.#guard.start();
    const begun = this.#parts.has('rules') ? before : this.#flash.bytesWritten;
    for (let minute = 0; minute < 24 * 60; minute++) {
      if (minute % 120 === 0) progress(`hour ${minute / 60}`);
      await this.#live(minute);
      for (let quarter = 0; quarter < 4; quarter++) {
        this.#clock.advance(15 * SECOND);
        if (this.#parts.has('usage')) await this.#usage.settled();
      }
      await this.#send(minute);
      this.#flash.sync();
    }
    if (this.#parts.has('usage')) await this.#usage.stop();
    await this.#guard.stop();
    await this.#outbox.stop();
    return this.#flash.bytesWritten - begun;
  }

  async #live(minute: number): Promise<void> {
    const parts = this.#parts;
    if (parts.has('rules') && minute % 90 === 30) await this.#changeRules();
    if (parts.has('requests') && minute % 240 === 100) await this.#request(minute);
    if (parts.has('tries') && this.#isAwake(minute)) this.#try(minute);
    if (parts.has('house')) await this.#keepHouse(minute);
  }

  /** At their devices for ten hours of the day. */
  #isAwake(minute: number): boolean {
    const hour = minute / 60;
    return (hour >= 6 && hour < 8) || (hour >= 12 && hour < 14) || (hour >= 16 && hour < 22);
  }

  #isCloudThere(minute: number): boolean {
    return !(minute >= 18 * 60 && minute < 20 * 60) && minute % 240 >= 5;
  }

  #changeRules(): Promise<void> {
    const document = {
      kind: 'policy' as const,
      router: this.#router,
      version: ++this.#version,
      issuedAt: this.#clock.now(),
      body: this.#policy(),
    };
    const signed = signDocument(document, { id: 'k1', key: this.#keys.privateKey });
    return this.#documents.receive(Buffer.from(JSON.stringify(signed)));
  }

  /** The presets of two ages, with all that the router must know of what they block. */
  #policy(): Policy {
    const profiles = this.#children.map(({ profile }, index) => ({
      id: profile,
      name: index === 0 ? 'An' : 'Bình',
      ageBand: index === 0 ? '9-11' : '12-14',
      rules: rulesFromPreset(index === 0 ? '9-11' : '12-14', newId, 'Giờ ngủ'),
      pause: this.#version % 2 === 0 ? { since: this.#clock.now(), until: null } : null,
      grant: null,
    }));
    const named = new Set(
      profiles.flatMap(({ rules }) => [
        ...rules.blockedCategories,
        ...rules.quotas.flatMap(({ of }) => (of.kind === 'category' ? [of.id] : [])),
      ]),
    );
    return policyBodySchema.parse({
      zone: 'Asia/Ho_Chi_Minh',
      offsets: [{ from: 0, minutes: 420 }],
      language: 'vi',
      profiles,
      devices: this.#children.map(({ profile, device, mac }) => ({
        id: device,
        name: 'Máy tính bảng',
        profile,
        macs: [mac],
      })),
      services: catalogue.services.filter(({ category }) => named.has(category)),
      categories: catalogue.categories.filter(({ id }) => named.has(id)),
      answers: [],
    });
  }

  async #request(minute: number): Promise<void> {
    const child = this.#childAt(minute);
    await this.#outbox.put({
      kind: 'request',
      profile: child.profile,
      device: child.device,
      request: newId(this.#clock.now()),
      ask: 'time',
      minutes: 30,
      text: 'Cho con thêm nửa tiếng nữa nhé, con đang học nhóm với bạn.',
    });
  }

  /** A burst begins every three minutes, and is spoken of three times. */
  #try(minute: number): void {
    const child = this.#childAt(minute);
    const burst = newId(this.#clock.now());
    for (let count = 1; count <= 3 && minute % 3 === 0; count++) {
      const now = this.#clock.now();
      const target = { kind: 'service' as const, id: 'tiktok', name: 'tiktok.com' };
      const event: NewEvent = {
        kind: 'blocked',
        profile: child.profile,
        device: child.device,
        burst,
        target,
        count,
        firstAt: now,
        lastAt: now,
      };
      this.#outbox.putVolatile(event);
    }
  }

  async #keepHouse(minute: number): Promise<void> {
    if (minute === 0) await this.#outbox.put({ kind: 'router', code: 'STARTED', detail: '0.1.0' });
    if (minute % 360 === 0) await this.#savedTime.save(this.#clock.now());
    if (minute % 10 === 0) this.#guard.found([`192.0.2.${minute % 250}`, `2001:db8::${minute}`]);
    if (minute === 600) {
      const mac = '5a:3e:91:7c:20:03';
      this.#outbox.putVolatile({
        kind: 'device-found',
        mac,
        hostname: 'newphone',
        fingerprint: null,
      });
    }
  }

  /** What children's devices exchanged in a quarter of a minute: enough to count as active. */
  #traffic(): { mac: string; service: null; bytes: number; packets: number }[] {
    const minute = Math.floor((this.#clock.now() - Date.UTC(2026, 10, 21, 17)) / MINUTE);
    if (!this.#isAwake(minute)) return [];
    return this.#children.map(({ mac }) => ({ mac, service: null, bytes: 200_000, packets: 300 }));
  }

  async #send(minute: number): Promise<void> {
    if (!this.#isCloudThere(minute)) return;
    for (let events = this.#outbox.oldest(64); events.length > 0; events = this.#outbox.oldest(64)) {
      this.sent += events.length;
      await this.#outbox.remove(events.map(({ id }) => id));
    }
  }

  #childAt(minute: number): Child {
    const child = this.#children[minute % this.#children.length];
    if (child === undefined) throw new Error('a family without children');
    return child;
  }
}
