import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ActivityItem, ActivityPage, Id } from '../../api/contract.ts';
import { Resource } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import type { Feed } from '../../app/day-feed.tsx';
import { useHousehold, useRun } from '../../household/context.ts';
import { continues, joined } from './target.ts';

interface Older {
  readonly of: Resource<ActivityPage>;
  readonly items: readonly ActivityItem[];
  readonly next: string | null;
}

/** The blocked tries of one child, or of all with undefined: live at the top, older pages on demand. */
export function useActivity(profile: Id | undefined): Feed<ActivityItem> {
  const household = useHousehold();
  const run = useRun();
  const newest = useMemo(
    () =>
      profile === undefined ? household.activity : new Resource(() => household.api.activity({ profile })),
    [household, profile],
  );
  const { value, error } = useStore(newest);
  const [older, setOlder] = useState<Older>();
  const [loadingMore, setLoadingMore] = useState(false);

  useEffect(() => {
    void newest.refresh();
    if (newest === household.activity) return;
    // The stream refreshes everybody's; one child's follows it.
    return household.activity.subscribe(() => {
      if (!household.activity.value.loading) void newest.refresh();
    });
  }, [newest, household]);

  const behind = older?.of === newest && continues(value?.items ?? [], older.items) ? older : undefined;
  const next = behind === undefined ? (value?.next ?? null) : behind.next;

  const items = value && joined(value.items, behind?.items ?? []);
  const loadMore = async (before: string) => {
    setLoadingMore(true);
    await run(async () => {
      const page = await household.api.activity(profile === undefined ? { before } : { before, profile });
      // With the newest ones: some of those will have left the first page when it is fetched again.
      setOlder({ of: newest, items: [...(items ?? []), ...page.items], next: page.next });
    });
    setLoadingMore(false);
  };

  return {
    items,
    error,
    more: next !== null,
    loadingMore,
    loadMore: () => {
      if (next !== null) void loadMore(next);
    },
    retry: () => void newest.refresh(),
  };
}
