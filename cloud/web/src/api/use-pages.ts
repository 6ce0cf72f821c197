import { useCallback, useEffect, useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from './api-error.ts';
import type { Id } from './contract.ts';

interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: Id | null;
}

export interface Pages<T> {
  /** Undefined before the first answer. */
  readonly items: readonly T[] | undefined;
  readonly error: ApiError | undefined;
  readonly more: boolean;
  readonly loading: boolean;
  readonly loadMore: () => void;
  /** From the first page anew. */
  readonly refresh: () => void;
}

/**
 * A list that the server gives page by page.
 *
 * @param load one page, by the `next` of the one before; another function is another list, so it is to be kept
 */
export function usePages<T>(load: (after: Id | undefined) => Promise<PageOf<T>>): Pages<T> {
  const [held, setHeld] = useState<{ of: typeof load; page: PageOf<T> }>();
  const [error, setError] = useState<ApiError>();
  const [loading, setLoading] = useState(false);
  const page = held?.of === load ? held.page : undefined;

  const fetchPage = useCallback(
    async (before: PageOf<T> | undefined) => {
      setLoading(true);
      try {
        const { items, next } = await load(before?.next ?? undefined);
        setHeld({ of: load, page: { items: [...(before?.items ?? []), ...items], next } });
        setError(undefined);
      } catch (thrown) {
        setError(apiErrorOf(thrown));
      }
      setLoading(false);
    },
    [load],
  );
  useEffect(() => void fetchPage(undefined), [fetchPage]);

  return {
    items: page?.items,
    error,
    more: page !== undefined && page.next !== null,
    loading,
    loadMore: () => void fetchPage(page),
    refresh: () => void fetchPage(undefined),
  };
}
