import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { DayFeed } from '../../app/day-feed.tsx';
import { Page } from '../../app/page.tsx';
import { Avatar } from '../../design/avatar.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { Empty } from '../../design/empty.tsx';
import { useHome, useNow } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { ActivityRow } from './activity-row.tsx';
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
  const { activity } = useTexts();
  const now = useNow();
  const empty = (
    <Empty icon="shield" title={name === undefined ? activity.emptyTitle : activity.emptyChild(name)}>
      <div class="stack">
        <p>{activity.emptyText}</p>
        <p>{activity.recorded}</p>
        <p>{activity.notRecorded}</p>
      </div>
    </Empty>
  );
  return (
    <DayFeed feed={useActivity(child)} now={now} atOf={({ lastAt }) => lastAt} empty={empty}>
      {(item) => <ActivityRow key={item.burst} item={item} now={now} />}
    </DayFeed>
  );
}
