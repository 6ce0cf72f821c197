import { useState } from 'preact/hooks';
import type { HolidayView } from '../../api/contract.ts';
import { EditForm } from '../../design/edit-form.tsx';
import { DateField, TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useTexts } from '../../language/language.ts';
import { type HolidayDraft, problemOf } from './holiday-draft.ts';

interface HolidaySheetProps {
  draft: HolidayDraft;
  onClose: () => void;
  onSave: (draft: HolidayDraft) => void;
  onRemove: (holiday: HolidayView) => void;
}

/** One holiday: what it is called, and its first and last day. */
export function HolidaySheet({ draft: before, onClose, onSave, onRemove }: HolidaySheetProps) {
  const texts = useTexts();
  const [draft, setDraft] = useState(before);
  const [tried, setTried] = useState(false);
  const { id } = before;
  const problem = problemOf(draft);
  const save = () => {
    setTried(true);
    if (problem === undefined) onSave({ ...draft, name: draft.name.trim() });
  };
  const told = tried && problem !== undefined ? texts.holidays[problem] : undefined;

  return (
    <Sheet title={id === undefined ? texts.holidays.add : texts.holidays.edit} onClose={onClose}>
      <EditForm onSave={save} onRemove={id === undefined ? undefined : () => onRemove({ ...before, id })}>
        <TextField
          label={texts.holidays.name}
          placeholder={texts.holidays.namePlaceholder}
          autocomplete="off"
          maxLength={64}
          value={draft.name}
          onText={(name) => setDraft({ ...draft, name })}
          error={problem === 'needsName' ? told : undefined}
        />
        <DateField
          label={texts.holidays.from}
          value={draft.from}
          // One day is a holiday too: the last day follows the first until it is chosen.
          onDate={(from) =>
            setDraft({ ...draft, from, to: draft.to === '' || draft.to < from ? from : draft.to })
          }
        />
        <DateField
          label={texts.holidays.to}
          value={draft.to}
          min={draft.from}
          onDate={(to) => setDraft({ ...draft, to })}
          error={problem === 'needsName' ? undefined : told}
        />
      </EditForm>
    </Sheet>
  );
}
