import { afterEach, expect, it } from 'vitest';
import { FamilyDay } from '../../system/family-day.ts';
import { Flash } from '../../system/flash.ts';

let flash: Flash | undefined;
afterEach(() => flash?.remove());

it('a day of a family of four writes at most 2 MB to flash', { timeout: 180_000 }, async () => {
  flash = new Flash(32);
  const day = new FamilyDay(flash);
  const written = await day.play();
  console.info(
    `${(written / 1e6).toFixed(2)} MB written by ext4, its journal among them, for ${day.sent} events`,
  );
  expect(day.sent).toBeGreaterThan(300);
  expect(written).toBeLessThanOrEqual(2_000_000);
});
