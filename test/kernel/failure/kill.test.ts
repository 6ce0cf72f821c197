import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explanationSchema } from '../../../daemon/src/explain/explanation.ts';
import { call, type Device, eventually, type Transfer } from '../../home/index.ts';
import { FamilyHome } from '../../system/family-home.ts';
import { Flash } from '../../system/flash.ts';

const ROUNDS = 5;

/** The whole system with a daemon that dies in the middle of whatever it does. */
describe('a daemon that dies while a parent changes rules', () => {
  let flash: Flash;
  let system: FamilyHome;
  let tablet: Device;

  beforeAll(async () => {
    // Before the home, whose programs see it then.
    flash = new Flash(32);
    system = await FamilyHome.start({ routerFolder: join(flash.folder, 'router') });
    tablet = system.tablet;
  });
  afterAll(async () => {
    await system?.stop();
    flash?.remove();
  });

  /** A call by each version of IP, to a port that nothing is said of. */
  function calls(): Transfer[] {
    const { v4, v6 } = system.home.internet.site('vnexpress.net');
    return [call(tablet, v4, 7), call(tablet, v6, 7)];
  }
  const nameOf = (round: number): string => `game${round}.example`;
  /** What the daemon decides by the child's rules; while it is paused, no name is answered. */
  const blocked = async (round: number): Promise<boolean> => {
    const { stdout } = await system.router.khiend('explain', nameOf(round), '--json');
    return explanationSchema.parse(JSON.parse(stdout)).devices.every(({ rule }) => rule.kind !== 'no-rule');
  };

  /** A change of the rules, and the daemon's death at any moment around it. */
  async function changeAndDie(round: number, die: () => Promise<void>): Promise<void> {
    const { family } = system;
    const rules = await family.rules();
    const death = delay(Math.random() * 250).then(die);
    await family.setRules({ ...rules, blockedNames: [nameOf(round)] });
    await death;
  }

  /** With power cut in the middle of it. What is not on flash is lost. */
  async function losePower(): Promise<void> {
    const { router } = system;
    router.process.kill('SIGSTOP');
    flash.cutPower();
    await router.kill();
    flash.restorePower();
    await writeFile(router.synchronisedFile, '');
    await system.home.router.check('nft', ['flush', 'ruleset']);
    await system.home.router.loadFirewall();
  }

  it('by kill -9: a child that is paused never gets through, and the newest rules hold after', {
    timeout: 180_000,
  }, async () => {
    const { family, router } = system;
    await family.pause();
    await system.enforced();
    const under = calls();
    await delay(300);
    for (let round = 0; round < ROUNDS; round++) {
      await changeAndDie(round, () => router.kill());
      await router.start();
      await system.enforced();
      expect(await blocked(round)).toBe(true);
      expect(under.map(({ bytes }) => bytes)).toEqual([0, 0]);
    }
    expect(await readdir(join(router.folder, 'state'))).not.toContainEqual(expect.stringMatching(/damaged/));
    await family.resume();
    for (const each of under) await eventually('the child gets through', () => each.flows(), 30_000);
    await Promise.all(under.map((each) => each.stop()));
  });

  it('by a power cut: the rules are whole, those of before or the new ones', {
    timeout: 180_000,
  }, async () => {
    const { router } = system;
    for (let round = ROUNDS; round < ROUNDS + 3; round++) {
      await changeAndDie(round, losePower);
      await router.start();
      const before = round === ROUNDS ? round - 1 : round;
      expect((await blocked(before)) || (await blocked(round)), `round ${round}`).toBe(true);
      await system.enforced();
      expect(await blocked(round)).toBe(true);
      expect(await readdir(join(router.folder, 'state'))).not.toContainEqual(
        expect.stringMatching(/damaged/),
      );
    }
  });
});
