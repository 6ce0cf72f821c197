import { useCallback } from 'preact/hooks';
import type { Id, Shared } from '../../api/contract.ts';
import { usePages } from '../../api/use-pages.ts';
import { useApp } from '../../app/context.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Section } from '../../app/page.tsx';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { Glyph } from '../../design/glyph.tsx';
import { List, PlainRow } from '../../design/list.tsx';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { zoned } from '../../language/zoned.ts';
import { byDay, targetText } from '../activity/target.ts';

/** What was blocked, by day; which device it was is not shared. */
export function SharedActivity({ family }: { family: Shared }) {
  const texts = useTexts();
  const { language } = useLanguage();
  const format = useFormat();
  const { api } = useApp();
  const load = useCallback(
    (before: Id | undefined) => api.duties.activity(family.id, before),
    [api, family.id],
  );
  const { items, error, more, loading, loadMore, refresh } = usePages(load);
  if (items === undefined) {
    return error === undefined ? <Skeleton rows={5} /> : <LoadFailed error={error} onRetry={refresh} />;
  }
  if (items.length === 0) return <Empty icon="shield" title={texts.duties.families.noActivity} />;
  const nameOf = (child: Id) =>
    family.children.find(({ id }) => id === child)?.name ?? texts.activity.unknownChild;
  return (
    <>
      {byDay(
        items,
        ({ lastAt }) => lastAt,
        (instant) => zoned(instant, format.zone).dayNumber,
      ).map((day) => (
        <Section key={day.at} title={format.day(day.at, Date.now())}>
          <List>
            {day.items.map((item) => {
              const target = targetText(item.target, texts, language);
              const time = format.time(item.lastAt);
              return (
                <PlainRow
                  key={item.burst}
                  leading={<Glyph>{target.glyph}</Glyph>}
                  title={target.title}
                  detail={`${nameOf(item.profile)} · ${item.guessed ? texts.time.about(time) : time}`}
                  trailing={<Badge tone="quiet">{texts.activity.times(item.count)}</Badge>}
                />
              );
            })}
          </List>
        </Section>
      ))}
      {more && (
        <Button wide busy={loading} onClick={loadMore}>
          {texts.common.loadMore}
        </Button>
      )}
    </>
  );
}
