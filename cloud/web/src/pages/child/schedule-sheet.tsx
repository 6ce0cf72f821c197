import { useState } from 'preact/hooks';
import { type Schedule, type ScheduleMode, scheduleModes } from '../../api/contract.ts';
import { ChoiceChips, ChoiceRows } from '../../design/choice.tsx';
import { EditForm } from '../../design/edit-form.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useHome } from '../../household/context.ts';
import { scheduleDaysText, windowText } from '../../household/schedule-text.ts';
import { endsNextDay } from '../../household/schedule-time.ts';
import { WeekWindowFields } from '../../household/week-window-fields.tsx';
import { useTexts } from '../../language/language.ts';

const HOLIDAYS = ['included', 'excluded', 'only'] as const;

interface ScheduleSheetProps {
  schedule: Schedule;
  /** Is it one that the child has already? */
  known: boolean;
  onClose: () => void;
  onSave: (schedule: Schedule) => void;
  onRemove: () => void;
}

/** One window of the week. */
export function ScheduleSheet({ schedule, known, onClose, onSave, onRemove }: ScheduleSheetProps) {
  const texts = useTexts();
  const { child } = texts;
  const { holidays } = useHome();
  const [draft, setDraft] = useState(schedule);
  const [tried, setTried] = useState(false);
  const timed = draft.start !== '' && draft.end !== '';
  const complete = draft.days.length > 0 && timed;

  const { defaultNames, modes, holidayChoices } = texts.schedule;
  const chooseMode = (mode: ScheduleMode) => {
    // A name that nobody thought of follows the mode.
    const unnamed = Object.values(defaultNames).includes(draft.name.trim()) || draft.name.trim() === '';
    setDraft({ ...draft, mode, name: unnamed ? defaultNames[mode] : draft.name });
  };
  const save = () => {
    setTried(true);
    if (complete) onSave({ ...draft, name: draft.name.trim() || defaultNames[draft.mode] });
  };

  return (
    <Sheet title={known ? child.editSchedule : child.addSchedule} onClose={onClose}>
      <EditForm onSave={save} onRemove={known ? onRemove : undefined} removeLabel={child.removeSchedule}>
        <ChoiceRows
          legend={texts.schedule.mode}
          options={scheduleModes.map((value) => ({
            value,
            label: modes[value].name,
            description: modes[value].text,
          }))}
          value={draft.mode}
          onChoose={chooseMode}
        />
        <TextField
          label={child.scheduleName}
          autocomplete="off"
          maxLength={64}
          value={draft.name}
          onText={(name) => setDraft({ ...draft, name })}
        />
        <WeekWindowFields value={draft} onChange={(change) => setDraft({ ...draft, ...change })} />
        {tried && draft.days.length === 0 && (
          <p class="field__error" role="alert">
            {child.scheduleNeedsDay}
          </p>
        )}
        <ChoiceChips
          legend={texts.schedule.holidays}
          options={HOLIDAYS.map((value) => ({ value, label: holidayChoices[value] }))}
          value={draft.holidays}
          onChoose={(chosen) => setDraft({ ...draft, holidays: chosen })}
        />
        {draft.holidays !== 'included' && (
          <p class="small muted">
            {holidays.length === 0 ? (
              <>
                {texts.schedule.noHolidays} <a href="/holidays">{texts.schedule.toHolidays}</a>
              </>
            ) : (
              endsNextDay(draft) && texts.schedule.holidayNight
            )}
          </p>
        )}
        <p class={`schedule-summary schedule-summary--${draft.mode}`} role="status">
          {complete
            ? `${scheduleDaysText(texts, draft)}, ${windowText(texts, draft)}`
            : timed
              ? child.scheduleNeedsDay
              : child.scheduleNeedsTime}
        </p>
      </EditForm>
    </Sheet>
  );
}
