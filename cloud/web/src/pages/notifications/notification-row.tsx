import type { NotificationView } from '../../api/contract.ts';
import { ToldTime } from '../../app/told-time.tsx';
import { Badge } from '../../design/badge.tsx';
import { Icon } from '../../design/icon.tsx';
import { useHome } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { notificationText } from './notification-text.ts';

/** One line: what, when, how often, and whether it still needs somebody. */
export function NotificationRow({ view, now }: { view: NotificationView; now: number }) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const home = useHome();
  const { icon, tone, title, detail, href } = notificationText(view, { texts, format, language, home, now });
  const words = texts.notifications;
  const body = (
    <>
      <span class={`news__sign news__sign--${tone}`}>
        <Icon name={icon} />
      </span>
      <span class="news__texts">
        <span class="news__title">{title}</span>
        {detail !== undefined && <span class="news__detail">{detail}</span>}
        <span class="news__marks">
          <ToldTime at={view.at} guessed={view.guessed} now={now} />
          {view.unread && <Badge tone="grant">{words.fresh}</Badge>}
          {view.count > 1 && <Badge tone="quiet">{words.times(view.count)}</Badge>}
          {view.settled && <Badge tone="quiet">{words.settled}</Badge>}
        </span>
      </span>
    </>
  );
  return (
    <li>
      {href === undefined ? (
        <div class="row news">{body}</div>
      ) : (
        <a class="row row--pressable news" href={href}>
          {body}
          <Icon name="forward" size={20} />
        </a>
      )}
    </li>
  );
}
