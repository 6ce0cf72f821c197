import { expect, test, vi } from 'vitest';
import { LocalChanges } from './changes.ts';

test('a household hears its own changes only, until it stops listening', () => {
  const changes = new LocalChanges();
  const heard = vi.fn();
  const stop = changes.onHousehold('a', heard);
  changes.announce({ household: 'b', changed: 'home' });
  changes.announce({ household: 'a', changed: 'requests' });
  changes.announce({ router: 'a', document: 'policy' });
  stop();
  changes.announce({ household: 'a', changed: 'home' });
  expect(heard.mock.calls).toEqual([[{ household: 'a', changed: 'requests' }]]);
});

test('the edge hears of every router', () => {
  const changes = new LocalChanges();
  const heard = vi.fn();
  const stop = changes.onRouter(heard);
  changes.announce({ router: 'r1', document: 'policy' });
  changes.announce({ router: 'r2', document: null });
  changes.announce({ household: 'r1', changed: 'home' });
  stop();
  changes.announce({ router: 'r1', document: 'contacts' });
  expect(heard.mock.calls).toEqual([
    [{ router: 'r1', document: 'policy' }],
    [{ router: 'r2', document: null }],
  ]);
});
