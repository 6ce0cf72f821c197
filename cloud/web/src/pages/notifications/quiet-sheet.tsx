import { useState } from 'preact/hooks';
import type { QuietHours } from '../../api/contract.ts';
import { EditForm } from '../../design/edit-form.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { daysText, windowText } from '../../household/schedule-text.ts';
import { WeekWindowFields } from '../../household/week-window-fields.tsx';
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
  return (
    <Sheet title={known ? words.quietEdit : words.quietAdd} onClose={onClose}>
      <EditForm
        onSave={() => {
          if (complete) onSave(draft);
        }}
        onRemove={known ? onRemove : undefined}
        removeLabel={words.quietRemove}
      >
        <WeekWindowFields value={draft} onChange={(change) => setDraft({ ...draft, ...change })} />
        <p class="muted" role="status">
          {complete
            ? `${daysText(texts, days)}, ${windowText(texts, draft)}`
            : timed
              ? words.quietNeedsDay
              : words.quietNeedsTime}
        </p>
      </EditForm>
    </Sheet>
  );
}
