import { useEffect, useState } from 'preact/hooks';
import type { HolidayView, PublicHoliday } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Page, Section } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { ButtonRow, List, PlainRow } from '../../design/list.tsx';
import { useHousehold, useNow } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { daysIn, type HolidayDraft } from './holiday-draft.ts';
import { HolidaySheet } from './holiday-sheet.tsx';
import { useHolidays } from './use-holidays.ts';

/** Days without school: the family's own, and public ones that can be added with a tap. */
export function HolidaysPage() {
  const texts = useTexts();
  const household = useHousehold();
  const { value, error } = useStore(household.holidays);
  useEffect(() => {
    void household.holidays.refresh();
    return household.home.subscribe(() => {
      if (!household.home.value.loading && household.home.value.error === undefined)
        void household.holidays.refresh();
    });
  }, [household]);

  return (
    <Page
      title={texts.holidays.title}
      back={{ href: '/settings', name: texts.settings.title }}
      intro={texts.holidays.intro}
    >
      {value !== undefined ? (
        <Holidays own={value.items} offered={value.offered} />
      ) : error === undefined ? (
        <Skeleton />
      ) : (
        <LoadFailed error={error} onRetry={() => void household.holidays.refresh()} />
      )}
    </Page>
  );
}

function Holidays({ own, offered }: { own: readonly HolidayView[]; offered: readonly PublicHoliday[] }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const { language } = useLanguage();
  const { add, change, remove } = useHolidays();
  const [editing, setEditing] = useState<HolidayDraft>();
  const datesOf = ({ from, to }: Pick<HolidayView, 'from' | 'to'>) =>
    `${format.dates(from, to, now)} · ${texts.holidays.days(daysIn(from, to))}`;

  return (
    <>
      <Section title={texts.holidays.own}>
        {own.length === 0 ? (
          <div class="card">
            <Empty icon="calendar" title={texts.holidays.empty}>
              {texts.holidays.emptyText}
            </Empty>
          </div>
        ) : (
          <List label={texts.holidays.own}>
            {own.map((holiday) => (
              <ButtonRow
                key={holiday.id}
                leading={<Icon name="calendar" />}
                title={holiday.name}
                detail={datesOf(holiday)}
                onClick={() => setEditing(holiday)}
              />
            ))}
          </List>
        )}
        <Button
          icon="plus"
          tone={own.length === 0 ? 'primary' : 'soft'}
          onClick={() => setEditing({ name: '', from: '', to: '' })}
        >
          {texts.holidays.add}
        </Button>
      </Section>
      <Section title={texts.holidays.offered}>
        <p class="small muted">
          {offered.length === 0 ? texts.holidays.allAdded : texts.holidays.offeredText}
        </p>
        {offered.length > 0 && (
          <List label={texts.holidays.offered}>
            {offered.map((holiday) => {
              const name = holiday.name[language];
              return (
                <PlainRow
                  key={holiday.id}
                  title={name}
                  detail={datesOf(holiday)}
                  trailing={
                    <Button
                      label={texts.holidays.addOffered(name)}
                      onClick={() => add({ name, from: holiday.from, to: holiday.to })}
                    >
                      {texts.common.add}
                    </Button>
                  }
                />
              );
            })}
          </List>
        )}
      </Section>
      {editing && (
        <HolidaySheet
          draft={editing}
          onClose={() => setEditing(undefined)}
          onSave={(saved) => {
            setEditing(undefined);
            if (saved.id === undefined) add(saved);
            else change({ ...saved, id: saved.id });
          }}
          onRemove={(holiday) => {
            setEditing(undefined);
            remove(holiday);
          }}
        />
      )}
    </>
  );
}
