import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, medianRatio, percentile, summarize } from './statistics.ts';

const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('percentile', () => {
  test.each([
    [oneToHundred, 0.5, 50],
    [oneToHundred, 0.99, 99],
    [oneToHundred, 1, 100],
    [oneToHundred, 0, 1],
    [[7], 0.99, 7],
    [[3, 1, 2], 0.5, 2],
    [[1, 2], 0.5, 1],
    [[10, 9, 100], 0.99, 100],
  ])('of %j at %d is %d', (samples, p, expected) => {
    expect(percentile(samples, p)).toBe(expected);
  });

  test('of nothing is no number', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });

  test('is a sample that at least that share of all samples does not exceed, and the smallest such', () => {
    const samples = fc.array(fc.integer(), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 100 }), (all, percent) => {
        const value = percentile(all, percent / 100);
        const notAbove = all.filter((sample) => sample <= value).length;
        const below = all.filter((sample) => sample < value).length;
        expect(all).toContain(value);
        expect(notAbove * 100).toBeGreaterThanOrEqual(percent * all.length);
        expect(below * 100).toBeLessThan(percent * all.length);
      }),
    );
  });

  test('leaves the samples in their order', () => {
    const samples = [3, 1, 2];
    summarize(samples);
    expect(samples).toEqual([3, 1, 2]);
  });
});

test.each([
  [[5], 5],
  [[4, 1], 2.5],
  [[9, 1, 2], 2],
  [[10, 1, 3, 2], 2.5],
])('the median of %j is %d', (samples, expected) => {
  expect(median(samples)).toBe(expected);
});

test('a summary counts its samples', () => {
  expect(summarize(oneToHundred)).toEqual({ count: 100, min: 1, p50: 50, p99: 99, max: 100 });
});

describe('median of ratios', () => {
  test('compares round by round', () => {
    // In the second round the machine was busy: the medians' ratio would be 2, no round's is.
    expect(medianRatio([15, 150, 30], [10, 100, 20])).toBe(1.5);
  });

  test('is no number without a base', () => {
    expect(medianRatio([1], [])).toBeNaN();
  });
});
