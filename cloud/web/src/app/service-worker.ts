import { Store } from '../api/store.ts';

/** Has a newer version of the app been installed while this one was open? */
export const newVersion = new Store(false);

/** Installs the worker that lets the app open without a connection. Without it everything else works the same. */
export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const updated = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.register('/sw.js').catch((cause: unknown) => {
    console.warn('no service worker', cause);
  });
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (updated) newVersion.set(true);
  });
}
