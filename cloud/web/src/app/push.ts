import type { Keep } from '../api/keep.ts';
import type { NotificationsApi } from '../api/notifications.ts';

/** Whether this browser can be pushed, and is. */
export type PushStanding = 'on' | 'off' | 'denied' | 'needs-install' | 'unsupported';

/** For whom this browser is subscribed: whoever signs in next has not asked for it. */
const KEY = 'push';

export async function pushStanding(keep: Keep, account: string): Promise<PushStanding> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) {
    return isUninstalledApple() ? 'needs-install' : 'unsupported';
  }
  if (Notification.permission === 'denied') return 'denied';
  if (Notification.permission !== 'granted' || keep.read(KEY) !== account) return 'off';
  return (await subscription()) === null ? 'off' : 'on';
}

/**
 * Asks the person and the browser, and tells the cloud. Only from a tap: browsers ask at no other time.
 *
 * @returns how it stands then
 * @throws ApiError when the cloud did not take it, DOMException when the browser could not subscribe
 */
export async function enablePush(api: NotificationsApi, keep: Keep, account: string): Promise<PushStanding> {
  if ((await Notification.requestPermission()) !== 'granted') return pushStanding(keep, account);
  const { publicKey } = await api.pushState();
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: publicKey };
  // One that was made with another key, of a cloud that was set up anew, cannot be used.
  const fresh = await pushManager.subscribe(options).catch(async () => {
    await (await pushManager.getSubscription())?.unsubscribe();
    return pushManager.subscribe(options);
  });
  await send(api, fresh);
  keep.write(KEY, account);
  return 'on';
}

/** @throws ApiError */
export async function disablePush(api: NotificationsApi, keep: Keep): Promise<void> {
  keep.write(KEY, null);
  await api.unsubscribe();
  await (await subscription())?.unsubscribe();
}

/** The cloud forgets a browser with its session: after a new one, who wanted pushes here gets them again. */
export async function resumePush(api: NotificationsApi, keep: Keep, account: string): Promise<void> {
  if ((await pushStanding(keep, account)) !== 'on') return;
  const known = await subscription();
  if (known !== null) await send(api, known);
}

async function subscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function send(api: NotificationsApi, subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  const { p256dh, auth } = keys ?? {};
  if (endpoint === undefined || p256dh === undefined || auth === undefined) return;
  await api.subscribe({ endpoint, keys: { p256dh, auth } });
}

/** iOS and iPadOS push to apps of the home screen alone (webkit.org/blog/13878). */
function isUninstalledApple(): boolean {
  const touch = /iPhone|iPad|iPod/.test(navigator.userAgent) || isTouchMac();
  return touch && !matchMedia('(display-mode: standalone)').matches;
}

/** An iPad says that it is a Mac. */
function isTouchMac(): boolean {
  return navigator.userAgent.includes('Macintosh') && navigator.maxTouchPoints > 1;
}
