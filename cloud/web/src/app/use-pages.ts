import { useCallback, useEffect, useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../api/api-error.ts';
import type { Id } from '../api/contract.ts';
import { showToast } from '../design/toast.tsx';
import { errorText } from '../language/error-text.ts';
import { useTexts } from '../language/language.ts';
import type { Feed } from './day-feed.tsx';

interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: Id | null;
}

/**
 * A list that the server gives page by page; `retry` begins from the first page anew.
 *
 * @param load one page, by the `next` of the one before; another function is another list, so it is to be kept
 */
export function usePages<T>(load: (after: Id | undefined) => Promise<PageOf<T>>): Feed<T> {
  const texts = useTexts();
  const [held, setHeld] = useState<{ of: typeof load; page: PageOf<T> }>();
  const [error, setError] = useState<ApiError>();
  const [loadingMore, setLoadingMore] = useState(false);
  const page = held?.of === load ? held.page : undefined;

  const first = useCallback(async () => {
    try {
      const page = await load(undefined);
      setHeld({ of: load, page });
      setError(undefined);
    } catch (thrown) {
      setError(apiErrorOf(thrown));
    }
  }, [load]);
  useEffect(() => void first(), [first]);

  const loadMore = async (known: PageOf<T>) => {
    setLoadingMore(true);
    try {
      const { items, next } = await load(known.next ?? undefined);
      setHeld({ of: load, page: { items: [...known.items, ...items], next } });
    } catch (thrown) {
      showToast({ tone: 'bad', text: errorText(texts, apiErrorOf(thrown)) });
    }
    setLoadingMore(false);
  };

  return {
    items: page?.items,
    error,
    more: page !== undefined && page.next !== null,
    loadingMore,
    loadMore: () => {
      if (page !== undefined) void loadMore(page);
    },
    retry: () => void first(),
  };
}
