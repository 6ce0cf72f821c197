import { LoadFailed } from '../../app/load-failed.tsx';
import { Page, Section } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { LinkRow, List } from '../../design/list.tsx';
import { useNow } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { zoned } from '../../language/zoned.ts';
import { byDay } from '../activity/target.ts';
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
      <Feed />
    </Page>
  );
}

function Feed() {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const { items, error, more, loadingMore, loadMore, retry } = useNotifications();
  if (items === undefined)
    return error === undefined ? <Skeleton rows={5} /> : <LoadFailed error={error} onRetry={retry} />;
  if (items.length === 0) {
    return (
      <Empty icon="bell" title={texts.notifications.emptyTitle}>
        {texts.notifications.emptyText}
      </Empty>
    );
  }
  return (
    <>
      {byDay(
        items,
        ({ at }) => at,
        (instant) => zoned(instant, format.zone).dayNumber,
      ).map((day) => (
        <Section key={day.at} title={format.day(day.at, now)}>
          <ul class="list card">
            {day.items.map((view) => (
              <NotificationRow key={view.id} view={view} now={now} />
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
