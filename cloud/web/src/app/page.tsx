import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../design/icon.tsx';
import { useTexts } from '../language/language.ts';
import { useTitle } from './title.ts';
import './page.css';

interface PageProps {
  title: string;
  /** Where the page belongs; the arrow leads there. */
  back?: { readonly href: string; readonly name: string };
  /** A sign beside the title, and a word below it. */
  beside?: ComponentChildren;
  below?: ComponentChildren;
  intro?: ComponentChildren;
  children: ComponentChildren;
}

let opened = 0;

/** A page with its title. Screen readers are taken to the title when the page opens. */
export function Page({ title, back, beside, below, intro, children }: PageProps) {
  const texts = useTexts();
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(title);
  useLayoutEffect(() => {
    opened += 1;
    // Not for the first page: there the browser itself reads the document.
    if (opened > 1) heading.current?.focus({ preventScroll: true });
  }, []);

  return (
    <div class="page">
      <header class="page__head">
        {back && (
          <a class="page__back" href={back.href} aria-label={`${texts.common.back}: ${back.name}`}>
            <Icon name="back" size={20} />
            <span class="page__back-name">{back.name}</span>
          </a>
        )}
        <div class="page__name">
          {beside}
          <div class="page__name-texts">
            <h1 class="clamp" ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {below && <p class="muted">{below}</p>}
          </div>
        </div>
        {intro && <div class="page__intro">{intro}</div>}
      </header>
      {children}
    </div>
  );
}

export function Section({
  title,
  detail,
  children,
}: {
  title: string;
  detail?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="section" aria-label={title}>
      <div class="section__head">
        <h2>{title}</h2>
        {detail}
      </div>
      {children}
    </section>
  );
}
