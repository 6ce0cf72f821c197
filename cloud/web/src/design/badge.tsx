import type { ComponentChildren } from 'preact';
import './badge.css';

export type Tone = 'good' | 'pause' | 'night' | 'grant' | 'bad' | 'quiet';

/** A state in a word or two. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge badge--${tone}`}>{children}</span>;
}

/** Colour never says it alone: words stand beside the dot. */
export function Dot({ tone }: { tone: Tone }) {
  return <span class={`dot dot--${tone}`} aria-hidden="true" />;
}
