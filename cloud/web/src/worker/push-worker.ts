/** What of a service worker's scope is used here; the library of types for workers does not go with that for pages. */
export interface PushScope {
  readonly location: { readonly origin: string };
  readonly registration: {
    showNotification(title: string, options: NotificationOptions): Promise<void>;
  };
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly PageClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(type: 'push', listener: (event: PushEventLike) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: ClickEventLike) => void): void;
}

interface PageClient {
  focus(): Promise<unknown>;
  /** Rejects for a page that this worker does not control. */
  navigate(url: string): Promise<unknown>;
}

interface Waiting {
  waitUntil(task: Promise<unknown>): void;
}

export interface PushEventLike extends Waiting {
  readonly data: { json(): unknown } | null;
}

export interface ClickEventLike extends Waiting {
  readonly notification: { readonly data?: unknown; close(): void };
}

interface Message {
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly tag: string;
}

/** Shows what is pushed, and opens the page that it is about. A push must show something, so one that cannot be read does. */
export function installPush(scope: PushScope): void {
  scope.addEventListener('push', (event) => {
    const { title, body, url, tag } = messageOf(event.data);
    event.waitUntil(
      scope.registration.showNotification(title, {
        body,
        tag,
        data: { url },
        icon: '/icon-192.png',
        badge: '/icon-192.png',
        lang: '',
      }),
    );
  });
  scope.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(open(scope, pathOf(event.notification.data)));
  });
}

function messageOf(data: PushEventLike['data']): Message {
  const generic = { title: 'Khiên', body: '', url: '/notifications', tag: 'khien' };
  let json: unknown;
  try {
    json = data?.json();
  } catch {
    return generic;
  }
  if (typeof json !== 'object' || json === null) return generic;
  const textOf = (key: keyof Message) => {
    const value: unknown = Reflect.get(json, key);
    return typeof value === 'string' ? value : generic[key];
  };
  return { title: textOf('title'), body: textOf('body'), url: pathOf(json), tag: textOf('tag') };
}

/** A page of this app; of whatever else a message says the list of notifications. */
function pathOf(data: unknown): string {
  const url: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'url') : undefined;
  return typeof url === 'string' && /^\/(?![/\\])/.test(url) ? url : '/notifications';
}

async function open({ clients }: PushScope, path: string): Promise<void> {
  const [page] = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (page === undefined) {
    await clients.openWindow(path);
    return;
  }
  try {
    await page.focus();
    await page.navigate(path);
  } catch {
    await clients.openWindow(path);
  }
}
