import { useState } from 'preact/hooks';
import type { QuietHours } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { ManyChips } from '../../design/choice.tsx';
import { TimeField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { daysText, windowText } from '../../household/schedule-text.ts';
import { useTexts } from '../../language/language.ts';

interface QuietSheetProps {
  hours: QuietHours;
  /** Are they kept already? */
  known: boolean;
  onClose: () => void;
  onSave: (hours: QuietHours) => void;
  onRemove: () => void;
}

/** Quiet hours: on which days they start, and from when to when. */
export function QuietSheet({ hours, known, onClose, onSave, onRemove }: QuietSheetProps) {
  const texts = useTexts();
  const words = texts.notifications;
  const [draft, setDraft] = useState(hours);
  const { days, start, end } = draft;
  const timed = start !== '' && end !== '' && start !== end;
  const complete = timed && days.length > 0;
  const toggleDay = (day: number) =>
    setDraft({
      ...draft,
      days: days.includes(day) ? days.filter((other) => other !== day) : [...days, day].sort(),
    });
  return (
    <Sheet title={known ? words.quietEdit : words.quietAdd} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (complete) onSave(draft);
        }}
      >
        <ManyChips
          legend={words.quietDays}
          options={texts.schedule.weekdays.map((label, index) => ({
            value: index + 1,
            label,
            name: texts.schedule.weekdaysLong[index] ?? label,
          }))}
          values={days}
          onToggle={toggleDay}
        />
        <div class="times">
          <TimeField
            label={words.quietFrom}
            value={start}
            onTime={(time) => setDraft({ ...draft, start: time })}
          />
          <TimeField label={words.quietTo} value={end} onTime={(time) => setDraft({ ...draft, end: time })} />
        </div>
        <p class="muted" role="status">
          {complete
            ? `${daysText(texts, days)}, ${windowText(texts, draft)}`
            : timed
              ? words.quietNeedsDay
              : words.quietNeedsTime}
        </p>
        <div class="sheet__actions">
          {known && (
            <Button tone="danger-soft" icon="trash" label={words.quietRemove} onClick={onRemove}>
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
