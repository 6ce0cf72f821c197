import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';
import './notice.css';

interface NoticeProps {
  tone: 'good' | 'info' | 'warn' | 'bad';
  icon: IconName;
  title: string;
  children?: ComponentChildren;
  action?: ComponentChildren;
}

/** Something that stays true until it is not: what is so, what it means, what can be done. */
export function Notice({ tone, icon, title, children, action }: NoticeProps) {
  return (
    <div class={`notice notice--${tone}`} role="status">
      <Icon name={icon} size={20} />
      <div class="notice__texts">
        <p class="notice__title">{title}</p>
        {children && <div class="notice__text">{children}</div>}
        {action && <div class="notice__action">{action}</div>}
      </div>
    </div>
  );
}
