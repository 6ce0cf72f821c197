import { expect, it } from 'vitest';
import { SilentSenders } from './silent-senders.ts';

const NOW = Date.UTC(2026, 10, 21);
const sender = '66:00:00:00:00:01';
const other = '66:00:00:00:00:02';

it('finds who sends for ten seconds and tells no address', () => {
  const silent = new SilentSenders();
  expect(silent.among([sender], NOW)).toEqual([]);
  expect(silent.among([sender, other], NOW + 8000)).toEqual([]);
  expect(silent.among([sender, other], NOW + 10_000)).toEqual([sender]);
});

it('counts anew who was known meanwhile or gone', () => {
  const silent = new SilentSenders();
  silent.among([sender], NOW);
  silent.among([], NOW + 8000);
  expect(silent.among([sender], NOW + 12_000)).toEqual([]);
  expect(silent.among([sender], NOW + 22_000)).toEqual([sender]);
});

it('tells a few of thousands, and more later', () => {
  const silent = new SilentSenders();
  const invented = Array.from({ length: 5000 }, (_, n) => `66:00:00:00:${n}`);
  silent.among(invented, NOW);
  const first = silent.among(invented, NOW + 10_000);
  expect(first).toHaveLength(16);
  expect(silent.among(invented.slice(16), NOW + 12_000)).toEqual([]);
  expect(silent.among(invented.slice(16), NOW + 11 * 60_000)).toHaveLength(16);
});

it('is not kept from its work by a clock that is set', () => {
  const silent = new SilentSenders();
  silent.among([sender], NOW);
  expect(silent.among([sender], NOW - 3_600_000)).toEqual([]);
  expect(silent.among([sender], NOW - 3_590_000)).toEqual([sender]);
});
