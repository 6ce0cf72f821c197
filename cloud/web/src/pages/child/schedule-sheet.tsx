import { useState } from 'preact/hooks';
import type { Schedule } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { ManyChips } from '../../design/choice.tsx';
import { Field, TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { daysText, windowText } from '../../household/schedule-text.ts';
import { useTexts } from '../../language/language.ts';

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
  const save = () => {
    setTried(true);
    if (complete) onSave({ ...draft, name: draft.name.trim() || child.scheduleNameDefault });
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
        <p class="schedule-summary" role="status">
          {complete
            ? `${daysText(texts, draft.days)}, ${windowText(texts, draft)}`
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

function TimeField({
  label,
  value,
  onTime,
}: {
  label: string;
  value: string;
  onTime: (time: string) => void;
}) {
  return (
    <Field label={label}>
      {({ id }) => (
        <input
          class="input input--time"
          type="time"
          id={id}
          value={value}
          required
          // Some browsers give seconds too.
          onInput={(event) => onTime(event.currentTarget.value.slice(0, 5))}
        />
      )}
    </Field>
  );
}
