import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useStore } from '../api/store.ts';
import { Icon, type IconName } from '../design/icon.tsx';
import { useHome, useHousehold, useNow } from '../household/context.ts';
import { useFormat } from '../language/format.ts';
import { useTexts } from '../language/language.ts';
import { Bell } from './bell.tsx';
import './shell.css';

/** What stays around every page: the navigation, and whether what is shown is still true. */
export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <div class="shell">
      <OfflineBanner />
      <main class="shell__page">
        <Bell />
        {children}
      </main>
      <Navigation />
    </div>
  );
}

function OfflineBanner() {
  const household = useHousehold();
  const { error, at, loading } = useStore(household.home);
  const texts = useTexts();
  const format = useFormat();
  useNow();
  if (error === undefined || at === undefined) return null;
  return (
    <div class="offline" role="status">
      <Icon name="offline" size={20} />
      <p>
        {texts.connection.offline(format.moment(at, Date.now()))} {texts.connection.rulesHold}
      </p>
      <button
        type="button"
        class="offline__retry"
        aria-busy={loading}
        onClick={() => void household.home.refresh()}
      >
        {texts.common.retry}
      </button>
    </div>
  );
}

function Navigation() {
  const texts = useTexts();
  const { openRequests } = useHome();
  const names = texts.navigation;
  const count = openRequests.length;
  return (
    <nav class="navigation" aria-label={texts.app.navigation}>
      <Tab href="/" icon="home" name={names.home} within={['/children']} />
      <Tab href="/activity" icon="shieldOff" name={names.activity} />
      <Tab
        href="/requests"
        icon="message"
        name={names.requests}
        label={count === 0 ? names.requests : names.openRequests(count)}
        count={count}
      />
      <Tab href="/devices" icon="device" name={names.devices} />
      <Tab
        href="/settings"
        icon="settings"
        name={names.settings}
        within={[
          '/account',
          '/claim',
          '/connect',
          '/contacts',
          '/developers',
          '/holidays',
          '/notifications/settings',
          '/people',
          '/sharing',
        ]}
      />
    </nav>
  );
}

interface TabProps {
  href: string;
  icon: IconName;
  name: string;
  label?: string;
  count?: number;
  /** Other paths that belong to this tab. */
  within?: readonly string[];
}

function Tab({ href, icon, name, label = name, count = 0, within = [] }: TabProps) {
  const { path } = useLocation();
  const here = path === href || within.some((prefix) => path.startsWith(prefix));
  return (
    <a class="navigation__tab" href={href} aria-current={here ? 'page' : undefined} aria-label={label}>
      <span class="navigation__icon">
        <Icon name={icon} />
        {count > 0 && <span class="navigation__count">{count > 9 ? '9+' : count}</span>}
      </span>
      <span class="navigation__name">{name}</span>
    </a>
  );
}
