import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Weekly } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Page } from '../../app/page.tsx';
import { Avatar } from '../../design/avatar.tsx';
import { ButtonLink } from '../../design/button.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { SelectField } from '../../design/field.tsx';
import { useHome, useHousehold, useNow } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { weekDates } from '../notifications/notification-text.ts';
import { UsageChart } from '../usage/usage-chart.tsx';
import { linesOf, onlineText } from './weekly-text.ts';
import '../usage/usage.css';
import './weekly.css';

/** What the last weeks were like, in sums and plain words. */
export function WeeklyPage() {
  const texts = useTexts();
  const household = useHousehold();
  const { value, error } = useStore(household.weekly);
  useEffect(() => {
    void household.weekly.refresh();
  }, [household]);
  return (
    <Page
      title={texts.weekly.title}
      back={{ href: '/notifications', name: texts.notifications.title }}
      intro={texts.weekly.intro}
    >
      {value !== undefined ? (
        <Weeks weeks={value.items} />
      ) : error === undefined ? (
        <Skeleton rows={4} />
      ) : (
        <LoadFailed error={error} onRetry={() => void household.weekly.refresh()} />
      )}
    </Page>
  );
}

function Weeks({ weeks }: { weeks: readonly Weekly[] }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const { query } = useLocation();
  const [chosen, setChosen] = useState(query.week);
  const week = weeks.find(({ week }) => week === chosen) ?? weeks[0];
  if (week === undefined) {
    return (
      <Empty icon="chart" title={texts.weekly.emptyTitle}>
        {texts.weekly.emptyText}
      </Empty>
    );
  }
  return (
    <>
      <SelectField label={texts.weekly.choose} value={week.week} onChoose={setChosen}>
        {weeks.map((one) => (
          <option key={one.week} value={one.week}>
            {weekDates(format, one.week, now)}
          </option>
        ))}
      </SelectField>
      {week.children.map((child) => (
        <ChildWeek key={`${week.week} ${child.profile}`} child={child} />
      ))}
      {week.newDevices > 0 && <p class="muted">{texts.weekly.newDevices(week.newDevices)}</p>}
    </>
  );
}

function ChildWeek({ child }: { child: Weekly['children'][number] }) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const { profiles } = useHome();
  const profile = profiles.find(({ id }) => id === child.profile);
  if (profile === undefined) return null;
  const reader = { texts, format, language };
  const online = onlineText(child, reader);
  const lines = linesOf(child, reader);
  const days = child.days.map(({ day, minutes }) => ({ day, minutes: minutes ?? 0 }));
  return (
    <section class="card card--padded stack" aria-label={profile.name}>
      <div class="week__child">
        <Avatar id={profile.id} name={profile.name} />
        <h2 class="clamp">{profile.name}</h2>
      </div>
      {online === undefined ? (
        <p class="muted">{texts.weekly.nothingTold}</p>
      ) : (
        <>
          <div>
            <p class="small muted">{texts.weekly.online}</p>
            <p class="week__total">{online.total}</p>
            <p class="small muted">{online.change}</p>
          </div>
          <UsageChart days={days} target={texts.weekly.online} />
          <ul class="unseen">
            {child.days.map(({ day, minutes }) => (
              <li key={day}>
                {texts.weekly.dayOf(
                  format.shortDate(day),
                  minutes === null ? texts.weekly.noData : format.duration(minutes),
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {lines.length === 0 ? (
        <p>{texts.weekly.calm}</p>
      ) : (
        <dl class="facts">
          {lines.map(({ name, value, change }) => (
            <div class="facts__row" key={name}>
              <dt>{name}</dt>
              <dd>
                {value}
                {change !== undefined && <span class="week__change">{change}</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <ButtonLink tone="plain" href={`/children/${profile.id}/usage`} icon="chart">
        {texts.weekly.toUsage(profile.name)}
      </ButtonLink>
    </section>
  );
}
