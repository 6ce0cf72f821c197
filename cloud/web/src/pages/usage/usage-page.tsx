import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ProfileView, QuotaTarget, UsageReport } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Page } from '../../app/page.tsx';
import { ButtonLink } from '../../design/button.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { Facts } from '../../design/list.tsx';
import { useHousehold } from '../../household/context.ts';
import { targetGlyph, targetName } from '../../household/quota-text.ts';
import { targetKey } from '../../household/rules-edit.ts';
import { weekdayText } from '../../household/schedule-text.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { backTo, WithChild } from '../child/with-child.tsx';
import { UsageChart } from './usage-chart.tsx';
import { averageOf, isEmpty, minutesByDay, targetsOf } from './usage-days.ts';
import './usage.css';

const SPANS = ['7', '30'] as const;

export function UsagePage() {
  return <WithChild>{(profile) => <Usage profile={profile} />}</WithChild>;
}

/** How long a child was online, day by day, and how often something was blocked: never what was visited. */
function Usage({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const household = useHousehold();
  const [span, setSpan] = useState<(typeof SPANS)[number]>('7');
  const report = useMemo(() => household.usageOf(profile.id, Number(span)), [household, profile.id, span]);
  const { value, error } = useStore(report);

  useEffect(() => {
    void report.refresh();
    // New minutes are announced with the home.
    return household.home.subscribe(() => {
      if (!household.home.value.loading && household.home.value.error === undefined) void report.refresh();
    });
  }, [report, household]);

  return (
    <Page title={texts.usage.title} back={backTo(profile)} intro={texts.usage.intro}>
      <ChoiceChips
        legend={texts.usage.span}
        hideLegend
        value={span}
        onChoose={setSpan}
        options={SPANS.map((days) => ({ value: days, label: texts.usage.spanDays(Number(days)) }))}
      />
      {value !== undefined ? (
        <Report profile={profile} report={value} />
      ) : error === undefined ? (
        <Skeleton />
      ) : (
        <LoadFailed error={error} onRetry={() => void report.refresh()} />
      )}
    </Page>
  );
}

function Report({ profile, report }: { profile: ProfileView; report: UsageReport }) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const [chosen, setChosen] = useState('network');
  const targets = targetsOf(report);
  const of: QuotaTarget = targets.find((one) => targetKey(one) === chosen) ?? { kind: 'network' };
  const days = minutesByDay(report, of);
  const sum = (key: 'blocked' | 'bypass') => report.days.reduce((total, day) => total + day[key], 0);

  if (isEmpty(report)) {
    return (
      <Empty icon="chart" title={texts.usage.empty}>
        {texts.usage.emptyText}
      </Empty>
    );
  }
  return (
    <>
      {targets.length > 1 && (
        <ChoiceChips
          legend={texts.usage.target}
          value={targetKey(of)}
          onChoose={setChosen}
          options={targets.map((one) => {
            const name = targetName(texts, language, one);
            return { value: targetKey(one), label: `${targetGlyph(one)} ${name}`, name };
          })}
        />
      )}
      <div class="card card--padded stack">
        <UsageChart days={days} target={targetName(texts, language, of)} />
        <Facts
          facts={[
            { name: texts.usage.average, value: format.duration(averageOf(days)) },
            { name: texts.usage.blocked, value: texts.activity.times(sum('blocked')) },
            { name: texts.usage.bypass, value: texts.activity.times(sum('bypass')) },
          ]}
        />
        {sum('bypass') > 0 && <p class="small muted">{texts.usage.bypassText}</p>}
      </div>
      <details class="card usage-table">
        <summary class="usage-table__head">
          <span>{texts.usage.table}</span>
          <Icon name="forward" size={20} />
        </summary>
        <Table report={report} of={of} />
      </details>
      <ButtonLink icon="shieldOff" href={`/activity?child=${profile.id}`}>
        {texts.usage.seeTries}
      </ButtonLink>
    </>
  );
}

function Table({ report, of }: { report: UsageReport; of: QuotaTarget }) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const minutes = new Map(minutesByDay(report, of).map((day) => [day.day, day.minutes]));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{texts.usage.day}</th>
          <th scope="col">{targetName(texts, language, of)}</th>
          <th scope="col">{texts.usage.blocked}</th>
          <th scope="col">{texts.usage.bypass}</th>
        </tr>
      </thead>
      <tbody>
        {report.days.map(({ day, blocked, bypass }) => (
          <tr key={day}>
            <th scope="row">
              {weekdayText(texts, day)} {format.shortDate(day)}
            </th>
            <td>{format.duration(minutes.get(day) ?? 0)}</td>
            <td>{blocked}</td>
            <td>{bypass}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
