import { DayFeed } from '../../app/day-feed.tsx';
import { Page } from '../../app/page.tsx';
import { Empty } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { LinkRow, List } from '../../design/list.tsx';
import { useNow } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { NotificationRow } from './notification-row.tsx';
import { useNotifications } from './use-notifications.ts';
import './notifications.css';

/** What the parent is told, newest first. */
export function NotificationsPage() {
  const texts = useTexts();
  const words = texts.notifications;
  return (
    <Page title={words.title} back={{ href: '/', name: texts.navigation.home }}>
      <List>
        <LinkRow
          href="/notifications/settings"
          leading={<Icon name="settings" />}
          title={words.settings}
          detail={words.settingsText}
        />
        <LinkRow href="/weekly" leading={<Icon name="chart" />} title={texts.weekly.title} />
      </List>
      <Told />
    </Page>
  );
}

function Told() {
  const words = useTexts().notifications;
  const now = useNow();
  const empty = (
    <Empty icon="bell" title={words.emptyTitle}>
      {words.emptyText}
    </Empty>
  );
  return (
    <DayFeed feed={useNotifications()} now={now} atOf={({ at }) => at} empty={empty}>
      {(view) => <NotificationRow key={view.id} view={view} now={now} />}
    </DayFeed>
  );
}
