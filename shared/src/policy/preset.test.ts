import { catalogue } from '@khien/shared/catalogue';
import { describe, expect, it } from 'vitest';
import { newId } from '../id.ts';
import { ageBands } from './age-band.ts';
import { rulesSchema, youtubeModes } from './policy.ts';
import { presets, rulesFromPreset } from './preset.ts';

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
});
