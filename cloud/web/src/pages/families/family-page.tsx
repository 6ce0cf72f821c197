import { useEffect, useMemo, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import type { Id, Scope, Shared } from '../../api/contract.ts';
import { Resource } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import { useApp } from '../../app/context.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Page } from '../../app/page.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { useFormat, ZoneContext } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { SharedActivity } from './shared-activity.tsx';
import { SharedRequests } from './shared-requests.tsx';
import { SharedRules } from './shared-rules.tsx';

/** What one family lets a worker see, and nothing of it any more once that is over. */
export function FamilyPage() {
  const { duties } = useTexts();
  const { params } = useRoute();
  const shared = useShared(params.household ?? '');
  const { value, error } = useStore(shared);
  const back = { href: '/families', name: duties.families.title };
  if (error?.status === 404) {
    return (
      <Page title={duties.families.over} back={back}>
        <Empty icon="lock" title={duties.families.over}>
          {duties.families.overText}
        </Empty>
      </Page>
    );
  }
  if (value === undefined) {
    return (
      <Page title={duties.families.one} back={back}>
        {error === undefined ? (
          <Skeleton />
        ) : (
          <LoadFailed error={error} onRetry={() => void shared.refresh()} />
        )}
      </Page>
    );
  }
  return (
    <ZoneContext.Provider value={value.zone}>
      <Family family={value} back={back} />
    </ZoneContext.Provider>
  );
}

function Family({ family, back }: { family: Shared; back: { href: string; name: string } }) {
  const { sharing, duties } = useTexts();
  const format = useFormat();
  const [chosen, setChosen] = useState<Scope>();
  const scope = family.scope.find((one) => one === chosen) ?? family.scope[0];
  const until = family.until === null ? undefined : format.moment(family.until, Date.now());
  return (
    <Page title={family.name} back={back} below={until && sharing.until(until)}>
      {family.scope.length > 1 && scope !== undefined && (
        <ChoiceChips
          legend={sharing.what}
          hideLegend
          options={family.scope.map((one) => ({ value: one, label: sharing.scopes[one].name }))}
          value={scope}
          onChoose={setChosen}
        />
      )}
      {family.children.length === 0 && <p class="muted">{duties.families.noChildren}</p>}
      {scope === 'activity' && <SharedActivity family={family} />}
      {scope === 'rules' && <SharedRules family={family} />}
      {scope === 'requests' && <SharedRequests family={family} />}
    </Page>
  );
}

/** Asked for again whenever the server tells of a change, or hangs up: it does that when the family stops. */
function useShared(household: Id): Resource<Shared> {
  const { api } = useApp();
  const shared = useMemo(() => new Resource(() => api.duties.shared(household)), [api, household]);
  useEffect(() => {
    void shared.refresh();
    const stream = new EventSource(api.duties.sharedStreamUrl(household));
    const again = () => void shared.refresh();
    stream.addEventListener('message', again);
    stream.addEventListener('error', again);
    return () => stream.close();
  }, [shared]);
  return shared;
}
