import { html, type Markup } from '../html.ts';

/** Pictures of the states, drawn so that they sit on a coloured card. All are decoration: hidden from screen readers. */
export type Scene = 'free' | 'grant' | 'learning' | 'pause' | 'schedule' | 'quota' | 'guest' | 'error';

const frame = (content: Markup): Markup =>
  html`<svg class="scene" viewBox="0 0 120 120" width="120" height="120" aria-hidden="true" focusable="false">${content}</svg>`;

const scenes: Readonly<Record<Scene, Markup>> = {
  free: frame(
    html`<g fill="#ffe08a"><circle cx="66" cy="54" r="22"/><g stroke="#ffe08a" stroke-width="6" stroke-linecap="round"><path d="M66 12v8M66 88v8M24 54h8M100 54h8M36.300 24.300l5.700 5.700M36.300 83.700l5.700-5.700M90 30l5.700-5.700"/></g></g><path fill="#fff" d="M30 106a17 17 0 0 1-1-34 22 22 0 0 1 42-5 19 19 0 0 1 13 36 18 18 0 0 1-7 3z"/><g fill="none" stroke="#0d6b58" stroke-width="3.500" stroke-linecap="round"><path d="M44 84v1.500M60 84v1.500M46 92q6 5.500 12 0"/></g>`,
  ),
  grant: frame(
    html`<g fill="#ffe08a"><path d="M20 24l2.600 6.400L29 33l-6.400 2.600L20 42l-2.600-6.400L11 33l6.400-2.600zM101 14l2.200 5.600 5.600 2.200-5.600 2.200-2.200 5.600-2.200-5.600-5.600-2.200 5.600-2.200z"/></g><rect x="24" y="58" width="72" height="46" rx="8" fill="#fff"/><rect x="18" y="44" width="84" height="20" rx="7" fill="#eaf6ff"/><path fill="#ff9f8a" d="M53 44h14v60H53z"/><path fill="none" stroke="#ff9f8a" stroke-width="7" stroke-linejoin="round" d="M60 43C48 42 36 36 40 27s17 0 20 16c3-16 16-25 20-16s-8 15-20 16z"/>`,
  ),
  learning: frame(
    html`<path fill="#fff" d="M60 44C48 35 32 33 16 35v58c16-2 32 0 44 9z"/><path fill="#e3f2fb" d="M60 44c12-9 28-11 44-9v58c-16-2-32 0-44 9z"/><g fill="none" stroke="#9cc7de" stroke-width="4" stroke-linecap="round"><path d="M72 54q10-5 22-5M72 66q10-5 22-5M72 78q10-5 22-5"/></g><g fill="none" stroke="#0b4f6c" stroke-width="3.500" stroke-linecap="round"><path d="M28 58v2M44 60v2M30 72q6 5 12 1"/></g><path fill="#ffe08a" d="M60 10l3 7.500 7.500 3-7.500 3-3 7.500-3-7.500-7.500-3 7.500-3z"/>`,
  ),
  pause: frame(
    html`<path fill="#fff" d="M22 52h64v22a30 30 0 0 1-30 30h-4a30 30 0 0 1-30-30z"/><path fill="none" stroke="#fff" stroke-width="8" d="M86 60h6a11 11 0 0 1 0 22h-8"/><g fill="none" stroke="#ffe3b8" stroke-width="5" stroke-linecap="round"><path d="M40 40c-5-6 5-10 0-17M55 40c-5-6 5-10 0-17M70 40c-5-6 5-10 0-17"/></g><g fill="none" stroke="#8a4303" stroke-width="3.500" stroke-linecap="round"><path d="M42 70q4 4 8 0M60 70q4 4 8 0M51 82q4 3.500 8 0"/></g>`,
  ),
  schedule: frame(
    html`<path fill="#ffe9a8" d="M78 96a42 42 0 0 1-24-78 34 34 0 1 0 45 60 42 42 0 0 1-21 18z"/><g fill="none" stroke="#7a5b12" stroke-width="3.500" stroke-linecap="round"><path d="M40 62q4 4 8 0M58 72q4 4 8 0M48 80q3 4 8 3"/></g><g fill="#fff"><path d="M86 22l2.400 6 6 2.400-6 2.400-2.400 6-2.400-6-6-2.400 6-2.400zM104 50l1.600 4 4 1.600-4 1.600-1.600 4-1.600-4-4-1.600 4-1.600z"/><circle cx="22" cy="24" r="2.500"/><circle cx="72" cy="44" r="2"/><circle cx="14" cy="92" r="2"/></g>`,
  ),
  quota: frame(
    html`<path fill="#fff" d="M34 20h52v8c0 15-14 21-19 32 5 11 19 17 19 32v8H34v-8c0-15 14-21 19-32-5-11-19-17-19-32z"/><path fill="#ffd27a" d="M43 96c2-10 11-14 17-20 6 6 15 10 17 20z"/><g fill="#f1dcf0"><rect x="27" y="12" width="66" height="12" rx="6"/><rect x="27" y="96" width="66" height="12" rx="6"/></g><g fill="none" stroke="#5a2458" stroke-width="3.500" stroke-linecap="round"><path d="M49 36q3.500 3.500 7 0M64 36q3.500 3.500 7 0M56 45q4 3 8 0"/></g>`,
  ),
  guest: frame(
    html`<path fill="#fff" d="M60 18l46 38a5 5 0 0 1-3 9h-7v35a6 6 0 0 1-6 6H30a6 6 0 0 1-6-6V65h-7a5 5 0 0 1-3-9z"/><path fill="#0d6b58" d="M60 50l19 7v13c0 13-8 21-19 26-11-5-19-13-19-26V57z"/><path fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round" stroke-linejoin="round" d="M51 72l7 7 12-13"/>`,
  ),
  error: frame(
    html`<path fill="#fff" d="M34 100a22 22 0 0 1-1-44 28 28 0 0 1 54-6 24 24 0 0 1 3 50z"/><g fill="none" stroke="#4c5a53" stroke-width="3.500" stroke-linecap="round"><path d="M48 70v2M70 70v2M52 86q7-6 14 0"/></g>`,
  ),
};

export function sceneArt(scene: Scene): Markup {
  return scenes[scene];
}

const glyph = (content: Markup): Markup =>
  html`<svg class="glyph" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">${content}</svg>`;

/** Line icons, in the colour of the text. */
export const icons = {
  phone: glyph(
    html`<path d="M6.500 3.500h3l1.500 4.500-2 1.500a11 11 0 0 0 5.500 5.500l1.500-2 4.500 1.500v3a2 2 0 0 1-2.200 2A17 17 0 0 1 4.500 5.700a2 2 0 0 1 2-2.200z"/>`,
  ),
  clock: glyph(html`<circle cx="12" cy="12" r="8.500"/><path d="M12 7v5l3.500 2"/>`),
  heart: glyph(
    html`<path d="M12 20s-7.500-4.600-7.500-10A4.300 4.300 0 0 1 12 7.300 4.300 4.300 0 0 1 19.500 10c0 5.400-7.500 10-7.500 10z"/>`,
  ),
  moon: glyph(html`<path d="M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10z"/>`),
  shield: glyph(
    html`<path d="M12 3.500l7.500 2.700v5c0 4.600-3.200 7.600-7.500 9.300-4.300-1.700-7.500-4.700-7.500-9.300v-5z"/>`,
  ),
  eye: glyph(
    html`<path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z"/><circle cx="12" cy="12" r="2.800"/>`,
  ),
  eyeOff: glyph(
    html`<path d="M4 4l16 16M9.500 6A9 9 0 0 1 12 5.500c6 0 9.500 6.500 9.500 6.500a16 16 0 0 1-2.700 3.400M6.300 7.300A15 15 0 0 0 2.500 12S6 18.500 12 18.500a9 9 0 0 0 4-.900"/>`,
  ),
  people: glyph(
    html`<circle cx="9" cy="8.500" r="3.300"/><path d="M2.800 19.500a6.200 6.200 0 0 1 12.400 0M15.500 5.500a3.300 3.300 0 0 1 0 6M17.500 14a6.200 6.200 0 0 1 3.700 5.500"/>`,
  ),
  message: glyph(html`<path d="M4 5.500h16v11H9.500L5.500 20v-3.500H4z"/>`),
  check: glyph(html`<path d="M5 12.500l4.500 4.500L19 7.500"/>`),
  cross: glyph(html`<path d="M6.500 6.500l11 11M17.500 6.500l-11 11"/>`),
  out: glyph(html`<path d="M9 5.500H5.500v13h13V15M13.500 4.500h6v6M19 5l-8.500 8.500"/>`),
} as const;

/** The shield with a child's smile: the mark of the page. */
export const mark = html`<svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false"><path fill="currentColor" d="M16 2.500l12 4.300v8.400c0 7.400-5 12-12 14.600C9 27.200 4 22.600 4 15.200V6.800z"/><g class="mark-face" fill="none" stroke-width="2.200" stroke-linecap="round"><path d="M11.500 13v1.200M20.500 13v1.200M11.500 18.500q4.500 4.200 9 0"/></g></svg>`;
