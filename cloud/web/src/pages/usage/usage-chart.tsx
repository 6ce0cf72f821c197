import { weekdayText } from '../../household/schedule-text.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import type { Texts } from '../../language/vi.ts';
import { averageOf, type DayMinutes, scaleOf } from './usage-days.ts';

/** With more days than these, only some are named below the chart. */
const NAMED = 10;
const NAMED_EVERY = 7;

/** A bar a day. Who does not see it hears its average, and has the table. */
export function UsageChart({ days, target }: { days: readonly DayMinutes[]; target: string }) {
  const texts = useTexts();
  const format = useFormat();
  const scale = scaleOf(days);
  const few = days.length <= NAMED;
  const isNamed = (index: number) => (days.length - 1 - index) % NAMED_EVERY === 0;
  return (
    <div
      class="chart"
      role="img"
      aria-label={texts.usage.chart(target, format.duration(averageOf(days)), days.length)}
    >
      <div class={`chart__bars${few ? '' : ' chart__bars--many'}`}>
        {[scale, scale / 2].map((line) => (
          <span class="chart__line" key={line} style={{ bottom: `${(line / scale) * 100}%` }}>
            <span class="chart__scale">{shortDuration(texts, line)}</span>
          </span>
        ))}
        {days.map(({ day, minutes }) => (
          <span class="chart__day" key={day}>
            <span class="chart__bar" style={{ height: `${(minutes / scale) * 100}%` }}>
              {few && minutes > 0 && <span class="chart__value">{shortDuration(texts, minutes)}</span>}
            </span>
          </span>
        ))}
      </div>
      <div class={`chart__names${few ? '' : ' chart__names--many'}`}>
        {days.map(({ day }, index) => (
          <span class="chart__name" key={day}>
            {few ? (
              <>
                <span>{weekdayText(texts, day)}</span>
                <span>{Number(day.slice(8))}</span>
              </>
            ) : (
              isNamed(index) && <span>{format.shortDate(day)}</span>
            )}
          </span>
        ))}
      </div>
    </div>
  );
}

function shortDuration({ usage }: Texts, minutes: number): string {
  return minutes < 60
    ? usage.minutesShort(minutes)
    : usage.hoursShort(Math.floor(minutes / 60), minutes % 60);
}
