import { describe, expect, test, vi } from 'vitest';
import { type ClickEventLike, installPush, type PushEventLike, type PushScope } from './push-worker.ts';

function worker(
  pages: { focus: () => Promise<unknown>; navigate: (url: string) => Promise<unknown> }[] = [],
) {
  const showNotification = vi.fn(() => Promise.resolve());
  const openWindow = vi.fn(() => Promise.resolve());
  let onPush: (event: PushEventLike) => void = () => undefined;
  let onClick: (event: ClickEventLike) => void = () => undefined;
  const addEventListener: PushScope['addEventListener'] = (
    type: string,
    listener: (event: PushEventLike & ClickEventLike) => void,
  ) => {
    if (type === 'push') onPush = listener as typeof onPush;
    else onClick = listener as typeof onClick;
  };
  installPush({
    location: { origin: 'https://khien.test' },
    registration: { showNotification },
    clients: { matchAll: () => Promise.resolve(pages), openWindow },
    addEventListener,
  });
  const tasks: Promise<unknown>[] = [];
  const waitUntil = (task: Promise<unknown>) => void tasks.push(task);
  return {
    showNotification,
    openWindow,
    push: async (json: () => unknown) => {
      onPush({ data: { json }, waitUntil });
      await Promise.all(tasks);
    },
    click: async (data: unknown) => {
      const close = vi.fn();
      onClick({ notification: { data, close }, waitUntil });
      await Promise.all(tasks);
      expect(close).toHaveBeenCalledOnce();
    },
  };
}

describe('a push', () => {
  test('is shown as it says', async () => {
    const { push, showNotification } = worker();
    await push(() => ({ title: 'Khiên', body: 'Có yêu cầu mới.', url: '/requests', tag: 'x' }));
    expect(showNotification).toHaveBeenCalledExactlyOnceWith(
      'Khiên',
      expect.objectContaining({ body: 'Có yêu cầu mới.', tag: 'x', data: { url: '/requests' } }),
    );
  });

  test.each([
    ['is no JSON', () => JSON.parse('{')],
    ['is null', () => null],
    ['has other types', () => ({ title: 1, body: {}, url: 7 })],
    ['leads elsewhere', () => ({ url: 'https://evil.example/' })],
    ['leads elsewhere by a name', () => ({ url: '//evil.example/' })],
    ['leads elsewhere by a backslash', () => ({ url: '/\\evil.example/' })],
  ])('that %s still shows something, which leads to the list', async (_what, json) => {
    const { push, showNotification } = worker();
    await push(json);
    expect(showNotification).toHaveBeenCalledExactlyOnceWith(
      'Khiên',
      expect.objectContaining({ data: { url: '/notifications' } }),
    );
  });
});

describe('a tap', () => {
  test('takes a page that is open there', async () => {
    const page = { focus: vi.fn(() => Promise.resolve()), navigate: vi.fn(() => Promise.resolve()) };
    const { click, openWindow } = worker([page]);
    await click({ url: '/requests' });
    expect(page.focus).toHaveBeenCalledOnce();
    expect(page.navigate).toHaveBeenCalledExactlyOnceWith('/requests');
    expect(openWindow).not.toHaveBeenCalled();
  });

  test('opens one where none is open, or where that cannot be led', async () => {
    const first = worker();
    await first.click({ url: '/devices' });
    expect(first.openWindow).toHaveBeenCalledExactlyOnceWith('/devices');
    const page = { focus: () => Promise.resolve(), navigate: () => Promise.reject(new TypeError()) };
    const second = worker([page]);
    await second.click(undefined);
    expect(second.openWindow).toHaveBeenCalledExactlyOnceWith('/notifications');
  });
});
