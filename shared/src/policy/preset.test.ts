import { catalogue } from '@khien/shared/catalogue';
import { describe, expect, it } from 'vitest';
import { newId } from '../id.ts';
import { ageBands } from './age-band.ts';
import { type Rules, rulesSchema, youtubeModes } from './policy.ts';
import { presets, rulesFromPreset } from './preset.ts';
import { NO_LIMIT } from './quota.ts';

const blockable = new Set(catalogue.categories.filter(({ bit }) => bit !== null).map(({ id }) => id));

describe('the presets', () => {
  it.each(ageBands)('for %s are whole rules, of categories that a list can block', (band) => {
    expect(rulesSchema.safeParse(rulesFromPreset(band, newId, 'Giờ ngủ')).success).toBe(true);
    expect(presets[band].blockedCategories.filter((category) => !blockable.has(category))).toEqual([]);
  });

  it('block less and end later as the child grows', () => {
    for (const [index, band] of ageBands.entries()) {
      const older = ageBands[index + 1];
      if (older === undefined) continue;
      const blocked = new Set(presets[band].blockedCategories);
      expect(presets[older].blockedCategories.filter((category) => !blocked.has(category))).toEqual([]);
      expect(youtubeModes.indexOf(presets[older].youtube)).toBeLessThanOrEqual(
        youtubeModes.indexOf(presets[band].youtube),
      );
      if (presets[older].safeSearch) expect(presets[band].safeSearch).toBe(true);
      for (const [night, { start }] of presets[older].bedtimes.entries()) {
        expect(start > (presets[band].bedtimes[night]?.start ?? '')).toBe(true);
      }
    }
  });

  it('cover every night of the week', () => {
    for (const band of ageBands) {
      const nights = presets[band].bedtimes.flatMap(({ days }) => days).sort();
      expect(nights).toEqual([1, 2, 3, 4, 5, 6, 7]);
    }
  });

  const quotas = (band: (typeof ageBands)[number]): Rules['quotas'] =>
    rulesFromPreset(band, newId, 'x').quotas;
  const ofKind = (band: (typeof ageBands)[number], kind: 'network' | 'category') =>
    quotas(band).find(({ of }) => of.kind === kind)?.minutes;

  it('let a child play as long as the law does at most', () => {
    for (const band of ageBands) {
      const isBlocked = presets[band].blockedCategories.includes('games');
      const minutes = ofKind(band, 'category') ?? ofKind(band, 'network');
      if (!isBlocked) expect(Math.max(...(minutes ?? [NO_LIMIT])), band).toBeLessThanOrEqual(180);
    }
  });

  it('give more minutes as the child grows, and not fewer on free days', () => {
    for (const kind of ['network', 'category'] as const) {
      let before: readonly number[] = [];
      for (const band of ageBands) {
        const minutes = ofKind(band, kind) ?? [];
        expect(Math.min(...minutes.slice(5)), band).toBeGreaterThanOrEqual(
          Math.max(0, ...minutes.slice(0, 5)),
        );
        for (const [day, most] of minutes.entries()) {
          expect(most, `${band} ${kind}`).toBeGreaterThanOrEqual(before[day] ?? 0);
        }
        before = minutes.length > 0 ? minutes : before;
      }
    }
  });

  it('begin the day at four, so that a late evening is not two days', () => {
    expect(ageBands.map((band) => rulesFromPreset(band, newId, 'x').quotaReset)).toEqual(
      ageBands.map(() => '04:00'),
    );
  });
});
