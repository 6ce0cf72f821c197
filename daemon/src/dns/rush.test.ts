import { expect, test } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { Rush } from './rush.ts';

function rush() {
  const clock = new ManualClock(0);
  const told: string[] = [];
  const of = new Rush(clock, () => {
    told.push('begin');
    return () => told.push('end');
  });
  const ask = (queries: number) => {
    for (let query = 0; query < queries; query++) of.query();
  };
  return { clock, told, of, ask };
}

test('begins once while many come, and ends when fewer do', () => {
  const { clock, told, ask } = rush();
  ask(999);
  expect(told).toEqual([]);
  ask(1);
  expect(told).toEqual(['begin']);
  for (let second = 0; second < 3; second++) {
    clock.advance(1000);
    ask(1500);
  }
  expect(told).toEqual(['begin']);
  clock.advance(1000);
  expect(told).toEqual(['begin']);
  ask(999);
  clock.advance(1000);
  expect(told).toEqual(['begin', 'end']);
  ask(1000);
  expect(told).toEqual(['begin', 'end', 'begin']);
});

test('ends when nothing comes any more, and when it is stopped', () => {
  const { clock, told, of, ask } = rush();
  ask(1000);
  clock.advance(1000);
  expect(told).toEqual(['begin']);
  clock.advance(1000);
  expect(told).toEqual(['begin', 'end']);
  ask(1000);
  of.stop();
  expect(told).toEqual(['begin', 'end', 'begin', 'end']);
  clock.advance(10_000);
  expect(told).toHaveLength(4);
});

test('queries that come slowly never make a rush', () => {
  const { clock, told, ask } = rush();
  for (let second = 0; second < 20; second++) {
    ask(900);
    clock.advance(1000);
  }
  expect(told).toEqual([]);
});
