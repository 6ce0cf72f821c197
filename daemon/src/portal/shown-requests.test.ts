import { newId } from '@khien/shared/id';
import type { Answer } from '@khien/shared/policy';
import { expect, test } from 'vitest';
import type { Filed } from './request-desk.ts';
import { shownRequests } from './shown-requests.ts';

const NOW = Date.UTC(2026, 10, 21);
const profile = newId();
const other = newId();

const filed = (at: number): Filed => ({
  request: newId(),
  profile,
  device: newId(),
  ask: 'time',
  minutes: 15,
  of: null,
  at,
});
const answer = (request: string, at: number, by = profile): Answer => ({
  request,
  profile: by,
  granted: true,
  minutes: 15,
  reply: '',
  at,
});

test('joins requests and answers, newest first, and shows answers to requests that are not remembered', () => {
  const waiting = filed(NOW - 1000);
  const answered = filed(NOW - 5000);
  const known = answer(answered.request, NOW - 4000);
  const forgotten = answer(newId(), NOW - 3000);
  const shown = shownRequests(
    profile,
    [waiting, answered],
    [known, forgotten, answer(newId(), NOW, other), answer(newId(), NOW - 25 * 3600_000)],
    NOW,
  );
  expect(shown).toEqual([
    { ask: 'time', minutes: 15, of: null, at: NOW - 1000, answer: null },
    { ask: 'unknown', minutes: 15, of: null, at: NOW - 3000, answer: forgotten },
    { ask: 'time', minutes: 15, of: null, at: NOW - 5000, answer: known },
  ]);
});

test('shows five', () => {
  expect(
    shownRequests(
      profile,
      Array.from({ length: 9 }, (_, n) => filed(NOW - n)),
      [],
      NOW,
    ),
  ).toHaveLength(5);
});
