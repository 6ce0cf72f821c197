import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newId } from '@khien/shared/id';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../daemon/src/clock/manual-clock.ts';
import type { NewEvent } from '../../../daemon/src/documents/documents.ts';
import { Outbox } from '../../../daemon/src/outbox/outbox.ts';
import { eventually } from '../../home/index.ts';
import { Flash } from '../../system/flash.ts';

const program = fileURLToPath(new URL('../../system/outbox-program.ts', import.meta.url));
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ROUNDS = 12;

/** One life of the program, and what it has said. */
class Life {
  readonly put: string[] = [];
  readonly found = new Set<string>();
  readonly removing = new Set<string>();
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(folder: string) {
    const child = spawn(process.execPath, ['--import', 'tsx', program, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const [what, id = ''] = line.split(' ');
      if (what === 'put') this.put.push(id);
      else if (what === 'found') this.found.add(id);
      else if (what === 'removing') this.removing.add(id);
    });
    this.#ended = Promise.all([new Promise((resolve) => lines.once('close', resolve)), once(child, 'exit')]);
  }

  /** Resolves when it has put so many, or has ended. */
  async hasPut(count: number): Promise<void> {
    while (this.put.length < count && this.#child.exitCode === null) await delay(2);
  }

  /**
   * Stands still, in the middle of whatever it does. Power is cut then, because a sync that is under way while ext4 is shut
   * down may return as if it had succeeded.
   */
  async freeze(): Promise<void> {
    this.#child.kill('SIGSTOP');
    const stopped = (): boolean =>
      /^State:\s+T/m.test(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'));
    while (!stopped()) await delay(1);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

/** What was acknowledged is there in the next life, but for what was given away. */
function expectNothingLost(before: readonly Life[], after: Life): void {
  const gone = new Set(before.flatMap(({ removing }) => [...removing]));
  const lost = before.flatMap(({ put }) => put).filter((id) => !after.found.has(id) && !gone.has(id));
  expect(lost).toEqual([]);
}

describe('the outbox', () => {
  it('loses no acknowledged event to kill -9', { timeout: 180_000 }, async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'khien-killed-')), 'outbox');
    const lives: Life[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const life = new Life(folder);
      await life.hasPut(1 + Math.floor(Math.random() * 60));
      await life.kill();
      expectNothingLost(lives, life);
      lives.push(life);
    }
    expect(lives.flatMap(({ put }) => put).length).toBeGreaterThan(ROUNDS);
  });

  it('loses no acknowledged event to a power cut, and opens again', { timeout: 180_000 }, async () => {
    const flash = new Flash(16);
    try {
      const folder = join(flash.folder, 'outbox');
      const lives: Life[] = [];
      for (let round = 0; round <= ROUNDS; round++) {
        const life = new Life(folder);
        await life.hasPut(1 + Math.floor(Math.random() * 60));
        await life.freeze();
        flash.cutPower();
        await life.kill();
        flash.restorePower();
        expectNothingLost(lives, life);
        lives.push(life);
      }
      expect(lives.flatMap(({ put }) => put).length).toBeGreaterThan(ROUNDS);
    } finally {
      flash.remove();
    }
  });
});

describe('the outbox on a full flash', () => {
  const child = { profile: newId(), device: newId() };
  const help = (text: string): NewEvent => ({
    kind: 'request',
    ...child,
    request: newId(),
    ask: 'help',
    minutes: 0,
    text,
  });
  const texts = (outbox: Outbox): string[] =>
    outbox.oldest(1000).flatMap((event) => (event.kind === 'request' ? [event.text] : []));
  const stores = (outbox: Outbox, event: NewEvent): Promise<boolean> =>
    outbox.put(event).then(
      () => true,
      () => false,
    );
  let flash: Flash | undefined;
  afterEach(() => {
    flash?.remove();
    flash = undefined;
  });

  async function open(clock: ManualClock): Promise<Outbox> {
    flash ??= new Flash(8);
    const outbox = new Outbox({ folder: join(flash.folder, 'outbox'), clock, log: silent, capacity: 1000 });
    await outbox.start();
    return outbox;
  }

  it('keeps events in memory, says so to who tells them, and stores them when there is room again', async () => {
    const clock = new ManualClock();
    const outbox = await open(clock);
    await outbox.put(help('before'));
    const makeRoom = flash?.fill();
    let refused = 0;
    for (let index = 0; index < 400; index++) {
      await outbox.put(help(`${index} ${'x'.repeat(400)}`)).catch(() => refused++);
    }
    expect(refused).toBeGreaterThan(0);
    expect(texts(outbox)).toHaveLength(401);
    makeRoom?.();
    clock.advance(60_000);
    await eventually('there is a store again', () => stores(outbox, help('after')));
    // What kill -9 would leave.
    const killed = join(flash?.folder ?? '', 'killed');
    await eventually('a copy of one moment: LevelDB may just be deleting a log', async () => {
      await rm(killed, { recursive: true, force: true });
      await cp(join(flash?.folder ?? '', 'outbox'), killed, { recursive: true });
      return true;
    });
    const again = new Outbox({ folder: killed, clock, log: silent, capacity: 1000 });
    await again.start();
    const found = texts(again);
    expect(found.filter((text) => text !== 'after')).toHaveLength(401);
    expect(found).toContain('after');
    await again.stop();
    await outbox.stop();
  });

  it('begins in memory where it finds flash full, and takes flash up when there is room', async () => {
    const clock = new ManualClock();
    flash = new Flash(8);
    const makeRoom = flash.fill();
    const outbox = await open(clock);
    await expect(outbox.put(help('a'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    makeRoom();
    clock.advance(60_000);
    await eventually('there is a store', () => stores(outbox, help('b')));
    await outbox.stop();
    const again = await open(clock);
    expect(texts(again)).toEqual(expect.arrayContaining(['a', 'b']));
    await again.stop();
  });
});
