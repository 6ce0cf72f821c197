import { useState } from 'preact/hooks';
import { newId, type ProfileView, type Schedule, type ScheduleMode } from '../../api/contract.ts';
import { Page } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { Empty } from '../../design/empty.tsx';
import { Icon, type IconName } from '../../design/icon.tsx';
import { ButtonRow, List } from '../../design/list.tsx';
import { useRules } from '../../household/context.ts';
import { dropSchedule, putSchedule } from '../../household/rules-edit.ts';
import { overlapsOf } from '../../household/schedule-overlap.ts';
import { daysText, scheduleDaysText, windowText } from '../../household/schedule-text.ts';
import { useTexts } from '../../language/language.ts';
import { DeliveryLine } from './access-state.tsx';
import { ScheduleSheet } from './schedule-sheet.tsx';
import { useEdit } from './use-edit.ts';
import { backTo, WithChild } from './with-child.tsx';

/** As the server takes it. */
const LIMIT = 32;
/** So many overlaps say what the others would. */
const OVERLAPS = 4;

const signs: Readonly<Record<ScheduleMode, IconName>> = { offline: 'moon', learning: 'book', free: 'sun' };

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
  const nameOf = ({ name, mode }: Schedule) => name || texts.schedule.defaultNames[mode];
  const modes = new Set(schedules.map(({ mode }) => mode));

  const blank = (): Schedule => ({
    id: newId(),
    name: texts.schedule.defaultNames.offline,
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
              leading={<Icon name={signs[schedule.mode]} />}
              title={nameOf(schedule)}
              detail={
                <>
                  <span class="rule-line">{texts.schedule.modes[schedule.mode].name}</span>
                  <span class="rule-line">{scheduleDaysText(texts, schedule)}</span>
                  <span class="rule-line rule-line--strong">{windowText(texts, schedule)}</span>
                </>
              }
            />
          ))}
        </List>
      )}
      {modes.size > 1 && (
        <div class="stack stack--tight small muted">
          <p>{texts.schedule.overlapRule}</p>
          {overlapsOf(schedules)
            .slice(0, OVERLAPS)
            .map(({ winner, loser, days, start, end }) => (
              <p key={`${winner.id} ${loser.id}`}>
                {texts.schedule.overlap(
                  nameOf(winner),
                  nameOf(loser),
                  daysText(texts, days),
                  windowText(texts, { start, end }),
                )}
              </p>
            ))}
        </div>
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
            const name = nameOf(editing);
            edit(dropSchedule(editing.id), { text: child.scheduleRemoved(name), undo: putSchedule(editing) });
          }}
        />
      )}
    </Page>
  );
}
