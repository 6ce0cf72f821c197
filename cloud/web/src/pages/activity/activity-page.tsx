import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Page, Section } from '../../app/page.tsx';
import { Avatar } from '../../design/avatar.tsx';
import { Button } from '../../design/button.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { useHome, useNow } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { zoned } from '../../language/zoned.ts';
import { ActivityRow } from './activity-row.tsx';
import { byDay } from './target.ts';
import { useActivity } from './use-activity.ts';
import './activity.css';

const EVERYBODY = 'everybody';

/** Blocked tries, and nothing else of what children do. */
export function ActivityPage() {
  const texts = useTexts();
  const { profiles } = useHome();
  const { query } = useLocation();
  const [filter, setFilter] = useState(query.child ?? EVERYBODY);
  const child = profiles.find(({ id }) => id === filter);

  return (
    <Page title={texts.activity.title} intro={texts.activity.privacy}>
      {profiles.length > 1 && (
        <ChoiceChips
          legend={texts.activity.filter}
          hideLegend
          value={child?.id ?? EVERYBODY}
          onChoose={setFilter}
          options={[
            { value: EVERYBODY, label: texts.activity.everybody },
            ...profiles.map((profile) => ({
              value: profile.id,
              label: (
                <>
                  <Avatar id={profile.id} name={profile.name} small />
                  <span class="chip__name">{profile.name}</span>
                </>
              ),
              name: profile.name,
            })),
          ]}
        />
      )}
      <Tries child={child?.id} name={child?.name} />
    </Page>
  );
}

function Tries({ child, name }: { child: string | undefined; name: string | undefined }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const { items, error, more, loadingMore, loadMore, retry } = useActivity(child);

  if (items === undefined)
    return error === undefined ? <Skeleton rows={5} /> : <LoadFailed error={error} onRetry={retry} />;
  if (items.length === 0) {
    return (
      <Empty
        icon="shield"
        title={name === undefined ? texts.activity.emptyTitle : texts.activity.emptyChild(name)}
      >
        <div class="stack">
          <p>{texts.activity.emptyText}</p>
          <p>{texts.activity.recorded}</p>
          <p>{texts.activity.notRecorded}</p>
        </div>
      </Empty>
    );
  }
  return (
    <>
      {byDay(
        items,
        ({ lastAt }) => lastAt,
        (instant) => zoned(instant, format.zone).dayNumber,
      ).map((day) => (
        <Section key={day.at} title={format.day(day.at, now)}>
          <ul class="list card">
            {day.items.map((item) => (
              <ActivityRow key={item.burst} item={item} now={now} />
            ))}
          </ul>
        </Section>
      ))}
      {more && (
        <Button wide busy={loadingMore} onClick={loadMore}>
          {texts.common.loadMore}
        </Button>
      )}
    </>
  );
}
