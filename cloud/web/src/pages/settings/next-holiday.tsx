import { Icon } from '../../design/icon.tsx';
import { LinkRow, List } from '../../design/list.tsx';
import { useHome, useNow } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';

/** Leads to the holidays, with the next of them. */
export function NextHoliday() {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const [next] = useHome().holidays;
  return (
    <List>
      <LinkRow
        href="/holidays"
        leading={<Icon name="calendar" />}
        title={texts.holidays.title}
        detail={
          next === undefined
            ? texts.holidays.summaryNone
            : texts.holidays.summary(next.name, format.dates(next.from, next.to, now))
        }
      />
    </List>
  );
}
