import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';
import './list.css';

interface RowLook {
  leading?: ComponentChildren;
  title: ComponentChildren;
  detail?: ComponentChildren;
  trailing?: ComponentChildren;
  /** The accessible name, where title and detail do not make one. */
  label?: string;
}

/** Rows on one card. */
export function List({ label, children }: { label?: string; children: ComponentChildren }) {
  return (
    <ul class="list card" aria-label={label}>
      {children}
    </ul>
  );
}

export function LinkRow({ href, label, ...look }: RowLook & { href: string }) {
  return (
    <li>
      <a class="row row--pressable" href={href} aria-label={label}>
        <RowBody {...look} />
        <Icon name="forward" size={20} />
      </a>
    </li>
  );
}

export function ButtonRow({ onClick, label, ...look }: RowLook & { onClick: () => void }) {
  return (
    <li>
      <button type="button" class="row row--pressable" onClick={onClick} aria-label={label}>
        <RowBody {...look} />
        <Icon name="forward" size={20} />
      </button>
    </li>
  );
}

export function PlainRow(look: Omit<RowLook, 'label'>) {
  return (
    <li class="row">
      <RowBody {...look} />
    </li>
  );
}

function RowBody({ leading, title, detail, trailing }: Omit<RowLook, 'label'>) {
  return (
    <>
      {leading}
      <span class="row__texts">
        <span class="row__title clamp">{title}</span>
        {detail && <span class="row__detail">{detail}</span>}
      </span>
      {trailing}
    </>
  );
}

/** Names with their values, e.g. of a device. */
export function Facts({
  facts,
}: {
  facts: readonly { readonly name: string; readonly value: ComponentChildren }[];
}) {
  return (
    <dl class="facts">
      {facts.map((fact) => (
        <div class="facts__row" key={fact.name}>
          <dt>{fact.name}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
