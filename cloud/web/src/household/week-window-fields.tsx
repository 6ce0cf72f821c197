import { ManyChips } from '../design/choice.tsx';
import { TimeField } from '../design/field.tsx';
import { useTexts } from '../language/language.ts';

/** A window of the week: the ISO weekdays on which it starts, and its times as HH:MM, empty while they are not whole. */
export interface WeekWindow {
  readonly days: readonly number[];
  readonly start: string;
  readonly end: string;
}

interface WeekWindowFieldsProps {
  value: WeekWindow;
  onChange: (change: { days: number[] } | { start: string } | { end: string }) => void;
}

/** On which days a window starts, and from when to when it is. */
export function WeekWindowFields({ value: { days, start, end }, onChange }: WeekWindowFieldsProps) {
  const { schedule } = useTexts();
  const toggle = (day: number) =>
    onChange({
      days: days.includes(day) ? days.filter((other) => other !== day) : [...days, day].sort(),
    });
  return (
    <>
      <ManyChips
        legend={schedule.days}
        options={schedule.weekdays.map((label, index) => ({
          value: index + 1,
          label,
          name: schedule.weekdaysLong[index] ?? label,
        }))}
        values={days}
        onToggle={toggle}
      />
      <div class="times">
        <TimeField label={schedule.from} value={start} onTime={(start) => onChange({ start })} />
        <TimeField label={schedule.to} value={end} onTime={(end) => onChange({ end })} />
      </div>
    </>
  );
}
