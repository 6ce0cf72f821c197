import { describe, expect, test } from 'vitest';
import { endOfFlow, startOfFlow } from './gaps.ts';

/** A packet each 10 ms from 0 on; `o` came, `.` did not. */
function flow(pattern: string) {
  const packets = [...pattern];
  return {
    sentAt: packets.map((_, number) => number * 10),
    arrived: new Set(packets.flatMap((packet, number) => (packet === 'o' ? [number] : []))),
  };
}

describe('the end of a flow', () => {
  test.each([
    ['begins with the first packet that is missing', 'ooooo.....', 0, 100, 50],
    ['is not at a packet that is missing alone', 'oo.oo.....', 0, 100, 50],
    ['is looked for before the flow goes on', 'oooo...ooo', 0, 70, 40],
    ['may be the last packet', 'ooooooooo.', 0, 100, 90],
    ['may be at the very beginning', '..........', 35, 100, 40],
    ['is not there while packets come', 'oooo...ooo', 0, 100, undefined],
    ['is not there without packets', '', 0, 100, undefined],
  ])('%s', (_, pattern, from, to, expected) => {
    expect(endOfFlow(flow(pattern), from, to)).toBe(expected);
  });
});

describe('the start of a flow', () => {
  test.each([
    ['is the first packet that comes', '.....ooo', 0, 100, 50],
    ['is looked for from a moment on', 'oo...ooo', 25, 100, 50],
    ['may be at that moment', '..oooooo', 20, 100, 20],
    ['is not there when none comes', 'oo......', 20, 100, undefined],
    ['is not there when it comes too late', 'oo...ooo', 20, 50, undefined],
  ])('%s', (_, pattern, from, to, expected) => {
    expect(startOfFlow(flow(pattern), from, to)).toBe(expected);
  });
});
