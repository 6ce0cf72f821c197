import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ChangeStream, type Source, waitAfter } from './stream.ts';

class FakeSource implements Source {
  onopen: Source['onopen'] = null;
  onmessage: Source['onmessage'] = null;
  onerror: Source['onerror'] = null;
  closed = false;
  close = () => {
    this.closed = true;
  };
}

describe('the change stream', () => {
  let sources: FakeSource[];
  let changes: string[];
  let stream: ChangeStream;
  const last = () => sources.at(-1) ?? new FakeSource();
  const fail = () => last().onerror?.(new Event('error'));

  beforeEach(() => {
    vi.useFakeTimers();
    sources = [];
    changes = [];
    stream = new ChangeStream(
      () => {
        const source = new FakeSource();
        sources.push(source);
        return source;
      },
      (changed) => changes.push(changed),
    );
    stream.start();
  });
  afterEach(() => {
    stream.stop();
    vi.useRealTimers();
  });

  test('hands on what changed, and ignores what it does not know', () => {
    for (const data of ['{"changed":"home"}', '{"changed":"weather"}', 'not json', 'null', 7])
      last().onmessage?.(new MessageEvent('message', { data }));
    expect(changes).toEqual(['home']);
  });

  test('after a connection everything may have changed', () => {
    last().onopen?.(new Event('open'));
    expect(changes).toEqual(['all']);
  });

  test('reconnects by itself, later and later, and asks from time to time until then', () => {
    fail();
    expect(last().closed).toBe(true);
    vi.advanceTimersByTime(1_000);
    expect(sources).toHaveLength(2);
    for (let i = 0; i < 10; i += 1) {
      fail();
      vi.advanceTimersByTime(60_000);
    }
    expect(sources).toHaveLength(12);
    expect(changes.length).toBeGreaterThan(20);

    last().onopen?.(new Event('open'));
    const asked = changes.length;
    vi.advanceTimersByTime(300_000);
    expect(changes).toHaveLength(asked);
    fail();
    vi.advanceTimersByTime(1_000);
    expect(sources).toHaveLength(13);
  });

  test('stopped, it neither reconnects nor asks', () => {
    fail();
    stream.stop();
    vi.advanceTimersByTime(600_000);
    expect(sources).toHaveLength(1);
    expect(changes).toEqual([]);
  });

  test('started twice, it has one connection', () => {
    stream.start();
    expect(sources.filter((source) => !source.closed)).toHaveLength(1);
  });
});

test('waits grow to a minute, and never all phones wait the same', () => {
  expect(waitAfter(0, 0)).toBe(500);
  expect(waitAfter(3, 0.999)).toBeLessThan(8_000);
  expect(waitAfter(1000, 0.999)).toBeLessThanOrEqual(60_000);
  expect(waitAfter(20, 0)).not.toBe(waitAfter(20, 0.5));
});
