import { useCallback } from 'preact/hooks';
import type { Id, Shared } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { DayFeed } from '../../app/day-feed.tsx';
import { usePages } from '../../app/use-pages.ts';
import { Badge } from '../../design/badge.tsx';
import { Empty } from '../../design/empty.tsx';
import { Glyph } from '../../design/glyph.tsx';
import { PlainRow } from '../../design/list.tsx';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { targetText } from '../activity/target.ts';

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
  const feed = usePages(load);
  const nameOf = (child: Id) =>
    family.children.find(({ id }) => id === child)?.name ?? texts.activity.unknownChild;
  return (
    <DayFeed
      feed={feed}
      now={Date.now()}
      atOf={({ lastAt }) => lastAt}
      empty={<Empty icon="shield" title={texts.duties.families.noActivity} />}
    >
      {(item) => {
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
      }}
    </DayFeed>
  );
}
