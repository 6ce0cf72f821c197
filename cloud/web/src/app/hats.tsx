import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useMemo } from 'preact/hooks';
import { lazy, useLocation } from 'preact-iso';
import type { Account, DutyKind } from '../api/contract.ts';
import { Resource } from '../api/resource.ts';
import { useStore } from '../api/store.ts';
import { Icon, type IconName } from '../design/icon.tsx';
import { LinkRow, List } from '../design/list.tsx';
import { useTexts } from '../language/language.ts';
import { useApp } from './context.ts';
import { Loading } from './loading.tsx';
import { Section } from './page.tsx';
import { Unreachable } from './unreachable.tsx';

/** Where each duty is at home. */
export const homeOf: Readonly<Record<DutyKind, string>> = {
  worker: '/families',
  operator: '/fleet',
  administrator: '/administration',
};
const dutyKinds: readonly DutyKind[] = ['worker', 'operator', 'administrator'];

const icons: Readonly<Record<DutyKind, IconName>> = {
  worker: 'people',
  operator: 'router',
  administrator: 'settings',
};

const DutiesContext = createContext<readonly DutyKind[]>([]);

/** What whoever is signed in does for others; empty for most people, and until it is known. */
export function useDuties(): readonly DutyKind[] {
  return useContext(DutiesContext);
}

// Few people need it, so that the others do not load it.
const DutyApp = lazy(() => import('./duty-app.tsx').then((module) => module.DutyApp));

/** The family's app, or, below the addresses of a duty, what belongs to that. */
export function Hats({ account, children }: { account: Account; children: ComponentChildren }) {
  const { api, keep } = useApp();
  const { path, route } = useLocation();
  const duties = useMemo(
    () =>
      new Resource(async () => (await api.duties.own()).items, {
        keep,
        key: `duties.${account.id}`,
        isShape: isDuties,
      }),
    [api, keep, account.id],
  );
  useEffect(() => void duties.refresh(), [duties]);
  const { value, error } = useStore(duties);
  const here = dutyKinds.find((kind) => path === homeOf[kind] || path.startsWith(`${homeOf[kind]}/`));
  const first = value?.[0];
  // Whoever has no family goes straight to work.
  const homeless = account.households.length === 0 && path === '/' && first !== undefined;
  useEffect(() => {
    if (homeless) route(homeOf[first], true);
  }, [homeless]);

  if (here !== undefined && value === undefined) {
    return error === undefined ? (
      <Loading />
    ) : (
      <Unreachable error={error} onRetry={() => void duties.refresh()} />
    );
  }
  return (
    <DutiesContext.Provider value={dutyKinds.filter((kind) => value?.includes(kind))}>
      {here !== undefined && value?.includes(here) ? (
        <DutyApp here={here} family={account.households.length > 0} />
      ) : (
        !homeless && children
      )}
    </DutiesContext.Provider>
  );
}

function isDuties(value: unknown): value is DutyKind[] {
  return Array.isArray(value) && value.every((kind) => dutyKinds.includes(kind));
}

/** Leads from the family's settings to what else the person does. */
export function OtherHats() {
  const { duties: texts } = useTexts();
  const duties = useDuties();
  if (duties.length === 0) return null;
  return (
    <Section title={texts.title}>
      <List>
        {duties.map((kind) => (
          <LinkRow
            key={kind}
            href={homeOf[kind]}
            leading={<Icon name={icons[kind]} />}
            title={texts.hats[kind]}
            detail={texts.rows[kind]}
          />
        ))}
      </List>
    </Section>
  );
}
