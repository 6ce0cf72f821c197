import { useLocation } from 'preact-iso';
import { useStore } from '../api/store.ts';
import { Icon } from '../design/icon.tsx';
import { useHousehold } from '../household/context.ts';
import { useTexts } from '../language/language.ts';

/** Leads to the notifications, with how many were not seen. */
export function Bell() {
  const words = useTexts().notifications;
  const { path } = useLocation();
  const unread = useStore(useHousehold().notifications).value?.unread ?? 0;
  if (path.startsWith('/notifications')) return null;
  return (
    <a class="bell" href="/notifications" aria-label={unread === 0 ? words.bell : words.bellUnread(unread)}>
      <Icon name="bell" />
      {unread > 0 && <span class="bell__count">{unread > 9 ? '9+' : unread}</span>}
    </a>
  );
}
