import { useState } from 'preact/hooks';
import { newId, type ProfileView, type Schedule } from '../../api/contract.ts';
import { Page } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { Empty } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { ButtonRow, List } from '../../design/list.tsx';
import { useRules } from '../../household/context.ts';
import { dropSchedule, putSchedule } from '../../household/rules-edit.ts';
import { daysText, windowText } from '../../household/schedule-text.ts';
import { useTexts } from '../../language/language.ts';
import { DeliveryLine } from './access-state.tsx';
import { ScheduleSheet } from './schedule-sheet.tsx';
import { useEdit } from './use-edit.ts';
import { backTo, WithChild } from './with-child.tsx';

/** As the server takes it. */
const LIMIT = 32;

export function SchedulesPage() {
  return <WithChild>{(profile) => <Schedules profile={profile} />}</WithChild>;
}

function Schedules({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const { child } = texts;
  const { schedules } = useRules(profile);
  const edit = useEdit(profile);
  const [editing, setEditing] = useState<Schedule>();
  const full = schedules.length >= LIMIT;

  const blank = (): Schedule => ({
    id: newId(),
    name: child.scheduleNameDefault,
    mode: 'offline',
    holidays: 'included',
    days: [7, 1, 2, 3, 4],
    start: '21:00',
    end: '06:00',
  });

  return (
    <Page title={child.schedules} back={backTo(profile)} intro={child.schedulesIntro}>
      {schedules.length === 0 ? (
        <Empty icon="moon" title={child.schedulesNone}>
          {child.schedulesNoneText}
        </Empty>
      ) : (
        <List label={child.schedules}>
          {schedules.map((schedule) => (
            <ButtonRow
              key={schedule.id}
              onClick={() => setEditing(schedule)}
              leading={<Icon name="moon" />}
              title={schedule.name || child.scheduleNameDefault}
              detail={
                <>
                  <span class="rule-line">{daysText(texts, schedule.days)}</span>
                  <span class="rule-line rule-line--strong">{windowText(texts, schedule)}</span>
                </>
              }
            />
          ))}
        </List>
      )}
      <div class="stack stack--tight">
        <Button icon="plus" disabled={full} onClick={() => setEditing(blank())}>
          {child.addSchedule}
        </Button>
        {full && <p class="small muted">{child.schedulesLimit}</p>}
        <DeliveryLine profile={profile} />
      </div>
      {editing && (
        <ScheduleSheet
          schedule={editing}
          known={schedules.some(({ id }) => id === editing.id)}
          onClose={() => setEditing(undefined)}
          onSave={(schedule) => {
            setEditing(undefined);
            edit(putSchedule(schedule));
          }}
          onRemove={() => {
            setEditing(undefined);
            const name = editing.name || child.scheduleNameDefault;
            edit(dropSchedule(editing.id), { text: child.scheduleRemoved(name), undo: putSchedule(editing) });
          }}
        />
      )}
    </Page>
  );
}
