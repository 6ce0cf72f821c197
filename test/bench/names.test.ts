import { isDnsName } from '@khien/shared/name';
import { expect, test } from 'vitest';
import { NameGenerator } from './names.ts';
import { percentile } from './statistics.ts';

const listed = new NameGenerator(1).listed(20_000);
const known = new Set(listed);
const isCovered = (name: string) => {
  const labels = name.split('.');
  return labels.some((_, index) => known.has(labels.slice(index).join('.')));
};

test('names are DNS names, and different', () => {
  expect(listed.filter((name) => !isDnsName(name))).toEqual([]);
  expect(known.size).toBe(20_000);
});

test('a seed gives the same names every time, another others', () => {
  expect(new NameGenerator(1).listed(50)).toEqual(listed.slice(0, 50));
  expect(new NameGenerator(2).listed(50)).not.toEqual(listed.slice(0, 50));
});

test('their shape is that of public lists', () => {
  const lengths = listed.map((name) => name.length + 2);
  expect(percentile(lengths, 0.5)).toBeGreaterThanOrEqual(16);
  expect(percentile(lengths, 0.5)).toBeLessThanOrEqual(22);
  expect(percentile(lengths, 0.9)).toBeGreaterThanOrEqual(28);
  expect(percentile(lengths, 0.9)).toBeLessThanOrEqual(38);
  const below = listed.filter((name) => isCovered(name.slice(name.indexOf('.') + 1))).length / listed.length;
  expect(below).toBeGreaterThan(0.2);
  expect(below).toBeLessThan(0.4);
  const long = lengths.filter((length) => length > 64).length / lengths.length;
  expect(long).toBeGreaterThan(0.003);
  expect(long).toBeLessThan(0.03);
});

test('allowed names are not covered by the list, blocked ones are', () => {
  const generator = new NameGenerator(3);
  expect(generator.allowed(2000, known).filter(isCovered)).toEqual([]);
  expect(generator.blocked(2000, listed).filter((name) => !isCovered(name))).toEqual([]);
});
