import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api/api-error.ts';
import { Skeleton } from '../design/empty.tsx';
import { useFormat } from '../language/format.ts';
import { zoned } from '../language/zoned.ts';
import { byDay } from './by-day.ts';
import { LoadFailed } from './load-failed.tsx';
import { type Growing, LoadMore } from './load-more.tsx';
import { Section } from './page.tsx';

export interface Feed<T> extends Growing {
  /** Newest first; undefined before the first answer. */
  readonly items: readonly T[] | undefined;
  readonly error: ApiError | undefined;
  readonly retry: () => void;
}

interface DayFeedProps<T> {
  feed: Feed<T>;
  now: number;
  atOf: (item: T) => number;
  /** What there is to see while there are no items. */
  empty: ComponentChildren;
  /** A row of a list. */
  children: (item: T) => ComponentChildren;
}

/** What happened, newest first, under the days of it. */
export function DayFeed<T>({ feed, now, atOf, empty, children }: DayFeedProps<T>) {
  const format = useFormat();
  const { items, error, retry } = feed;
  if (items === undefined) {
    return error === undefined ? <Skeleton rows={5} /> : <LoadFailed error={error} onRetry={retry} />;
  }
  if (items.length === 0) return <>{empty}</>;
  return (
    <>
      {byDay(items, atOf, (instant) => zoned(instant, format.zone).dayNumber).map((day) => (
        <Section key={day.at} title={format.day(day.at, now)}>
          <ul class="list card">{day.items.map(children)}</ul>
        </Section>
      ))}
      <LoadMore {...feed} />
    </>
  );
}
