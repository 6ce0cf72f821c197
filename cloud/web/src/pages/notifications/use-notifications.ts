import { useEffect, useState } from 'preact/hooks';
import type { NotificationView } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import type { Feed } from '../../app/day-feed.tsx';
import { useHousehold, useRun } from '../../household/context.ts';

/**
 * The feed: live at the top, older pages on demand. Who looks at it has seen it; what was new when the page was opened
 * stays marked until it is left.
 */
export function useNotifications(): Feed<NotificationView> {
  const household = useHousehold();
  const run = useRun();
  const { value, error } = useStore(household.notifications);
  const [older, setOlder] = useState<{ items: readonly NotificationView[]; next: string | null }>();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const [loadingMore, setLoadingMore] = useState(false);

  useEffect(() => {
    void household.notifications.refresh();
  }, [household]);
  useEffect(() => {
    if (value === undefined) return;
    const unread = value.items.filter((item) => item.unread);
    if (unread.length === 0) return;
    setFresh((known) => new Set([...known, ...unread.map(({ id }) => id)]));
    const newest = Math.max(...value.items.map(({ sequence }) => sequence));
    // Where this fails they stay unread, which is true.
    household.api.notifications.read(newest).catch(() => undefined);
  }, [value, household]);

  const first = value?.items ?? [];
  const shown = new Set(first.map(({ id }) => id));
  const rest = (older?.items ?? []).filter(({ id }) => !shown.has(id));
  const next = older === undefined ? (value?.next ?? null) : older.next;
  const loadMore = async (before: string) => {
    setLoadingMore(true);
    await run(async () => {
      const page = await household.api.notifications.list({ before });
      setOlder({ items: [...first, ...rest, ...page.items], next: page.next });
    });
    setLoadingMore(false);
  };
  return {
    items:
      value && [...first, ...rest].map((item) => ({ ...item, unread: item.unread || fresh.has(item.id) })),
    error,
    more: next !== null,
    loadingMore,
    loadMore: () => {
      if (next !== null) void loadMore(next);
    },
    retry: () => void household.notifications.refresh(),
  };
}
