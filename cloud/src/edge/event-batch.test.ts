import { newId } from '@khien/shared/id';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noteOf, openBatch } from './event-batch.ts';

const event = (code: string) => ({ id: newId(), at: 1, timeSource: 'ntp', kind: 'router', code, detail: '' });

test('a whole batch is taken as it is, a partly bad one without its bad events', () => {
  const events = [event('A'), event('B')];
  expect(openBatch(JSON.stringify({ events }))).toEqual({ events, rejection: undefined });
  const mixed = [event('A'), { ...event('B'), at: 'yesterday' }, { ...event('C'), kind: 'new' }, 7];
  expect(openBatch(JSON.stringify({ events: mixed }))).toEqual({
    events: [mixed[0]],
    rejection: '3 of 4 events: 1.at, 2.kind, 3',
  });
});

test('what is no batch has no events', () => {
  const many = { events: Array.from({ length: 65 }, () => event('A')) };
  for (const payload of ['', '{', 'null', '[]', '{"events":[]}', '{"events":7}', JSON.stringify(many)]) {
    expect(openBatch(payload)).toEqual({ events: [], rejection: 'no batch of events' });
  }
});

test('no payload makes it throw, and a rejection never repeats what it held', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (payload) => {
      expect(openBatch(payload).events).toEqual([]);
    }),
  );
  const secret = JSON.stringify({ events: [{ ...event('A'), kind: 'blocked', name: 'secret.example' }] });
  expect(openBatch(secret).rejection).not.toContain('secret');
});

test('the record of a rejection is an event as any other', () => {
  const record = noteOf('EVENTS_REJECTED', 'x'.repeat(1000), Date.now());
  expect(openBatch(JSON.stringify({ events: [record] }))).toEqual({ events: [record], rejection: undefined });
});
