import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { Fleet, FleetRouter, Id } from '../../api/contract.ts';
import { Resource } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import { useApp } from '../../app/context.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { LoadMore } from '../../app/load-more.tsx';
import { Page, Section } from '../../app/page.tsx';
import { usePages } from '../../app/use-pages.ts';
import { ChoiceChips } from '../../design/choice.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { SelectField } from '../../design/field.tsx';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { FleetRouterCard } from './fleet-router-card.tsx';

type Standing = 'all' | 'offline' | 'outdated' | 'failing';
const standings: readonly Standing[] = ['all', 'offline', 'outdated', 'failing'];

/** An internet provider's routers: how many are well, and which are not. */
export function FleetPage() {
  const { fleet } = useTexts().duties;
  const { api } = useApp();
  const counts = useMemo(() => new Resource(() => api.duties.fleet()), [api]);
  useEffect(() => void counts.refresh(), [counts]);
  const { value, error } = useStore(counts);
  return (
    <Page title={fleet.title} below={value?.isp} intro={fleet.intro}>
      {value !== undefined ? (
        <Routers counts={value} />
      ) : error === undefined ? (
        <Skeleton />
      ) : (
        <LoadFailed error={error} onRetry={() => void counts.refresh()} />
      )}
    </Page>
  );
}

function Routers({ counts }: { counts: Fleet }) {
  const { fleet } = useTexts().duties;
  const format = useFormat();
  const [standing, setStanding] = useState<Standing>('all');
  const [daemon, setDaemon] = useState('');
  const countOf = (which: Standing) => format.count(which === 'all' ? counts.routers : counts[which]);
  return (
    <>
      <ChoiceChips
        legend={fleet.list}
        hideLegend
        options={standings.map((which) => ({
          value: which,
          label: fleet.counted(fleet.standings[which], countOf(which)),
        }))}
        value={standing}
        onChoose={setStanding}
      />
      <SelectField label={fleet.versions} value={daemon} onChoose={setDaemon}>
        <option value="">{fleet.anyVersion}</option>
        {counts.daemons
          .filter((version) => version.daemon !== null)
          .map((version) => (
            <option key={version.daemon} value={version.daemon ?? ''}>
              {fleet.version(version.daemon ?? fleet.unknownVersion, format.count(version.routers))}
            </option>
          ))}
      </SelectField>
      <Section title={fleet.list}>
        <RouterList standing={standing} daemon={daemon} />
      </Section>
    </>
  );
}

function RouterList({ standing, daemon }: { standing: Standing; daemon: string }) {
  const texts = useTexts();
  const { api } = useApp();
  const load = useCallback(
    (after: Id | undefined) =>
      api.duties.fleetRouters({
        standing: standing === 'all' ? undefined : standing,
        daemon: daemon === '' ? undefined : daemon,
        after,
      }),
    [api, standing, daemon],
  );
  const pages = usePages<FleetRouter>(load);
  const { items, error, retry } = pages;
  if (items === undefined) {
    return error === undefined ? <Skeleton rows={5} /> : <LoadFailed error={error} onRetry={retry} />;
  }
  if (items.length === 0) return <Empty icon="router" title={texts.duties.fleet.empty} />;
  return (
    <>
      {items.map((router) => (
        <FleetRouterCard key={router.id} router={router} />
      ))}
      <LoadMore {...pages} />
    </>
  );
}
