import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';
import './button.css';

export type ButtonTone = 'primary' | 'soft' | 'plain' | 'danger' | 'danger-soft';

interface Look {
  tone?: ButtonTone;
  icon?: IconName;
  /** The accessible name, where it must say more than what is seen; it begins with what is seen (WCAG 2.5.3). */
  label?: string;
  wide?: boolean;
  children: ComponentChildren;
}

interface ButtonProps extends Look {
  type?: 'button' | 'submit';
  busy?: boolean;
  disabled?: boolean;
  onClick?: () => void;
}

/** `busy` keeps the focus where it is and ignores presses, which `disabled` would not. */
export function Button({
  tone = 'soft',
  icon,
  label,
  wide,
  type = 'button',
  busy,
  disabled,
  onClick,
  children,
}: ButtonProps) {
  return (
    <button
      type={type}
      class={classOf(tone, wide)}
      aria-label={label}
      aria-busy={busy}
      aria-disabled={busy}
      disabled={disabled}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.();
      }}
    >
      {busy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} size={20} />}
      <span class="button__text">{children}</span>
    </button>
  );
}

/** Goes somewhere, and looks like a button. */
export function ButtonLink({ tone = 'soft', icon, label, wide, href, children }: Look & { href: string }) {
  return (
    <a class={classOf(tone, wide)} href={href} aria-label={label}>
      {icon && <Icon name={icon} size={20} />}
      <span class="button__text">{children}</span>
    </a>
  );
}

export function IconButton({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

function classOf(tone: ButtonTone, wide: boolean | undefined): string {
  return `button button--${tone}${wide ? ' button--wide' : ''}`;
}
