import { useState } from 'preact/hooks';
import type { Quota } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { SelectField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { limitText, targetName, weekTexts } from '../../household/quota-text.ts';
import {
  commonMinutes,
  minuteChoices,
  schoolDays,
  weekendDays,
  withMinutes,
} from '../../household/quota-week.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';

interface QuotaSheetProps {
  quota: Quota;
  /** Is it one that the child has already? */
  known: boolean;
  onClose: () => void;
  onSave: (quota: Quota) => void;
  onRemove: () => void;
}

/** The minutes of a week for one target: school days and weekend at a time, or day by day. */
export function QuotaSheet({ quota, known, onClose, onSave, onRemove }: QuotaSheetProps) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const [minutes, setMinutes] = useState<readonly number[]>(quota.minutes);
  const isWeekly = [schoolDays, weekendDays].every((days) => commonMinutes(minutes, days) !== undefined);
  const [how, setHow] = useState<'week' | 'day'>(isWeekly ? 'week' : 'day');
  const set = (days: readonly number[], amount: number) => setMinutes(withMinutes(minutes, days, amount));

  return (
    <Sheet title={texts.quota.editTitle(targetName(texts, language, quota.of))} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSave({ ...quota, minutes: [...minutes] });
        }}
      >
        <ChoiceChips
          legend={texts.quota.how}
          hideLegend
          value={how}
          onChoose={setHow}
          options={[
            { value: 'week', label: texts.quota.byWeek },
            { value: 'day', label: texts.quota.byDay },
          ]}
        />
        {how === 'week' ? (
          <>
            <div class="week-minutes">
              <MinutesField
                label={texts.quota.schoolDays}
                value={commonMinutes(minutes, schoolDays)}
                onMinutes={(amount) => set(schoolDays, amount)}
              />
              <MinutesField
                label={texts.quota.weekend}
                value={commonMinutes(minutes, weekendDays)}
                onMinutes={(amount) => set(weekendDays, amount)}
              />
            </div>
            {!isWeekly && <p class="small muted">{texts.quota.wouldReplace}</p>}
          </>
        ) : (
          <div class="day-minutes">
            {texts.schedule.weekdaysLong.map((name, index) => (
              <MinutesField
                key={name}
                label={name}
                value={minutes[index]}
                onMinutes={(amount) => set([index + 1], amount)}
              />
            ))}
          </div>
        )}
        <p class="schedule-summary" role="status">
          {weekTexts(texts, format, minutes).map((line) => (
            <span class="rule-line" key={line}>
              {line}
            </span>
          ))}
        </p>
        <div class="sheet__actions">
          {known && (
            <Button tone="danger-soft" icon="trash" onClick={onRemove}>
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

function MinutesField({
  label,
  value,
  onMinutes,
}: {
  label: string;
  /** Undefined where the days that it is for differ. */
  value: number | undefined;
  onMinutes: (minutes: number) => void;
}) {
  const texts = useTexts();
  const format = useFormat();
  return (
    <SelectField
      label={label}
      value={String(value ?? '')}
      onChoose={(chosen) => {
        if (chosen !== '') onMinutes(Number(chosen));
      }}
    >
      {value === undefined && <option value="">…</option>}
      {minuteChoices(value).map((amount) => (
        <option key={amount} value={String(amount)}>
          {limitText(texts, format, amount)}
        </option>
      ))}
    </SelectField>
  );
}
