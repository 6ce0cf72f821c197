import { useState } from 'preact/hooks';
import { type Schedule, type ScheduleMode, scheduleModes } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { ChoiceChips, ChoiceRows, ManyChips } from '../../design/choice.tsx';
import { TextField, TimeField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useHome } from '../../household/context.ts';
import { scheduleDaysText, windowText } from '../../household/schedule-text.ts';
import { endsNextDay } from '../../household/schedule-time.ts';
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

  const toggleDay = (day: number) => {
    const days = draft.days.includes(day)
      ? draft.days.filter((other) => other !== day)
      : [...draft.days, day];
    setDraft({ ...draft, days });
  };
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
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
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
        <ManyChips
          legend={child.scheduleDays}
          options={texts.schedule.weekdays.map((label, index) => ({
            value: index + 1,
            label,
            name: texts.schedule.weekdaysLong[index] ?? label,
          }))}
          values={draft.days}
          onToggle={toggleDay}
        />
        {tried && draft.days.length === 0 && (
          <p class="field__error" role="alert">
            {child.scheduleNeedsDay}
          </p>
        )}
        <div class="times">
          <TimeField
            label={child.scheduleFrom}
            value={draft.start}
            onTime={(start) => setDraft({ ...draft, start })}
          />
          <TimeField
            label={child.scheduleTo}
            value={draft.end}
            onTime={(end) => setDraft({ ...draft, end })}
          />
        </div>
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
        <div class="sheet__actions">
          {known && (
            <Button tone="danger-soft" icon="trash" label={child.removeSchedule} onClick={onRemove}>
              {texts.common.remove}
            </Button>
          )}
          <Button tone="primary" type="submit">
            {texts.common.save}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
