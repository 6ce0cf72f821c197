import type { ComponentChildren } from 'preact';
import { useTexts } from '../language/language.ts';
import { Icon, type IconName } from './icon.tsx';
import './empty.css';

/** Nothing is here, why, and what to do about it. `alone`: there is nothing else on the page. */
export function Empty({
  icon,
  title,
  alone,
  children,
  action,
}: {
  icon: IconName;
  title: string;
  alone?: boolean;
  children?: ComponentChildren;
  action?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <span class="empty__icon">
        <Icon name={icon} size={32} />
      </span>
      {alone ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children && <div class="empty__text">{children}</div>}
      {action}
    </div>
  );
}

/** Grey shapes where something will be. */
export function Skeleton({ rows = 3 }: { rows?: number }) {
  const { common } = useTexts();
  return (
    <div class="skeleton">
      <p class="unseen">{common.loading}</p>
      {Array.from({ length: rows }, (_, index) => (
        <div class="skeleton__row" key={index} />
      ))}
    </div>
  );
}
