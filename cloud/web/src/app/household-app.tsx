import { useEffect, useMemo } from 'preact/hooks';
import { Route, Router, useLocation } from 'preact-iso';
import type { Account } from '../api/contract.ts';
import { useStore } from '../api/store.ts';
import { showToast } from '../design/toast.tsx';
import { HomeContext, HouseholdContext } from '../household/context.ts';
import { Household } from '../household/household.ts';
import { ZoneContext } from '../language/format.ts';
import { useTexts } from '../language/language.ts';
import { ActivityPage } from '../pages/activity/activity-page.tsx';
import { CategoriesPage } from '../pages/child/categories-page.tsx';
import { ChildPage } from '../pages/child/child-page.tsx';
import { NamesPage } from '../pages/child/names-page.tsx';
import { NewChildPage } from '../pages/child/new-child-page.tsx';
import { PresetPage } from '../pages/child/preset-page.tsx';
import { QuotasPage } from '../pages/child/quotas-page.tsx';
import { SafeSearchPage } from '../pages/child/safe-search-page.tsx';
import { SchedulesPage } from '../pages/child/schedules-page.tsx';
import { ServicesPage } from '../pages/child/services-page.tsx';
import { ConnectPage } from '../pages/connect/connect-page.tsx';
import { ContactsAlone, ContactsPage } from '../pages/contacts/contacts-page.tsx';
import { DevelopersPage } from '../pages/developers/developers-page.tsx';
import { DevicesPage } from '../pages/devices/devices-page.tsx';
import { HolidaysPage } from '../pages/holidays/holidays-page.tsx';
import { HomePage } from '../pages/home/home-page.tsx';
import { JoinPage } from '../pages/members/join-page.tsx';
import { NoHousehold } from '../pages/members/no-household.tsx';
import { PeoplePage } from '../pages/members/people-page.tsx';
import { NotFoundPage } from '../pages/not-found-page.tsx';
import { NotificationSettingsPage } from '../pages/notifications/notification-settings-page.tsx';
import { NotificationsPage } from '../pages/notifications/notifications-page.tsx';
import { RequestsPage } from '../pages/requests/requests-page.tsx';
import { SecurityPage } from '../pages/security/security-page.tsx';
import { SettingsPage } from '../pages/settings/settings-page.tsx';
import { SharingPage } from '../pages/sharing/sharing-page.tsx';
import { UsagePage } from '../pages/usage/usage-page.tsx';
import { WeeklyPage } from '../pages/weekly/weekly-page.tsx';
import { chosenHousehold } from './chosen-household.ts';
import { useApp } from './context.ts';
import { Loading } from './loading.tsx';
import { resumePush } from './push.ts';
import { forCarers, forOwners } from './role.tsx';
import { newVersion } from './service-worker.ts';
import { Shell } from './shell.tsx';
import { Unreachable } from './unreachable.tsx';

// Viewers see these, and change nothing on them.
const Home = forCarers(HomePage);
const NewChild = forCarers(NewChildPage);
const Child = forCarers(ChildPage);
const Preset = forCarers(PresetPage);
const Categories = forCarers(CategoriesPage);
const Services = forCarers(ServicesPage);
const SafeSearch = forCarers(SafeSearchPage);
const Names = forCarers(NamesPage);
const Schedules = forCarers(SchedulesPage);
const Quotas = forCarers(QuotasPage);
const Requests = forCarers(RequestsPage);
const Devices = forCarers(DevicesPage);
const Holidays = forCarers(HolidaysPage);
const Connect = forOwners(ConnectPage);
const Developers = forOwners(DevelopersPage);

/** The app of a parent who is signed in. */
export function HouseholdApp({ account }: { account: Account }) {
  const { api, keep } = useApp();
  const { path } = useLocation();
  const id = chosenHousehold(keep, account)?.id;
  const household = useMemo(
    () =>
      id === undefined
        ? undefined
        : new Household(id, api.household(id), keep, (url) => new EventSource(url)),
    [id, api, keep],
  );
  useEffect(() => {
    household?.start();
    return () => household?.stop();
  }, [household]);
  useNewVersionToast();
  useEffect(() => {
    if (household === undefined) return;
    resumePush(household.api.notifications, keep, account.id).catch((cause: unknown) => {
      console.warn('pushes could not be resumed', cause);
    });
  }, [household, keep, account.id]);

  if (path === '/join') return <JoinPage account={account} />;
  if (household === undefined) return <NoHousehold account={account} />;
  return (
    <HouseholdContext.Provider value={household}>
      <Loaded household={household} />
    </HouseholdContext.Provider>
  );
}

function Loaded({ household }: { household: Household }) {
  const { path } = useLocation();
  const { value: home, error } = useStore(household.home);

  if (home === undefined && path === '/contacts') return <ContactsAlone />;
  if (home === undefined) {
    return error === undefined ? (
      <Loading />
    ) : (
      <Unreachable error={error} onRetry={() => void household.home.refresh()} />
    );
  }

  return (
    <HomeContext.Provider value={home}>
      <ZoneContext.Provider value={home.zone}>
        <Shell>
          <Pages />
        </Shell>
      </ZoneContext.Provider>
    </HomeContext.Provider>
  );
}

function Pages() {
  const { path, query, route } = useLocation();
  // Where the account pages were left by signing in.
  const entered = path === '/sign-in' || path === '/sign-up' || path === '/recover';
  useEffect(() => {
    const { code } = query;
    if (entered && code !== undefined) route(`/connect?${new URLSearchParams({ code })}`, true);
    else if (entered) route(path === '/sign-up' ? '/connect' : '/', true);
  }, [entered]);
  if (entered) return null;

  return (
    <Router>
      <Route path="/" component={Home} />
      <Route path="/connect" component={Connect} />
      <Route path="/claim" component={Connect} />
      <Route path="/children/new" component={NewChild} />
      <Route path="/children/:child" component={Child} />
      <Route path="/children/:child/preset" component={Preset} />
      <Route path="/children/:child/categories" component={Categories} />
      <Route path="/children/:child/services" component={Services} />
      <Route path="/children/:child/safe-search" component={SafeSearch} />
      <Route path="/children/:child/names" component={Names} />
      <Route path="/children/:child/schedules" component={Schedules} />
      <Route path="/children/:child/quotas" component={Quotas} />
      <Route path="/children/:child/usage" component={UsagePage} />
      <Route path="/activity" component={ActivityPage} />
      <Route path="/requests" component={Requests} />
      <Route path="/notifications" component={NotificationsPage} />
      <Route path="/notifications/settings" component={NotificationSettingsPage} />
      <Route path="/weekly" component={WeeklyPage} />
      <Route path="/devices" component={Devices} />
      <Route path="/settings" component={SettingsPage} />
      <Route path="/account" component={SecurityPage} />
      <Route path="/people" component={PeoplePage} />
      <Route path="/sharing" component={SharingPage} />
      <Route path="/developers" component={Developers} />
      <Route path="/holidays" component={Holidays} />
      <Route path="/contacts" component={ContactsPage} />
      <Route default component={NotFoundPage} />
    </Router>
  );
}

function useNewVersionToast(): void {
  const texts = useTexts();
  const isNew = useStore(newVersion);
  useEffect(() => {
    if (!isNew) return;
    showToast({
      tone: 'good',
      text: texts.app.newVersion,
      action: { label: texts.app.reload, run: () => location.reload() },
    });
  }, [isNew]);
}
