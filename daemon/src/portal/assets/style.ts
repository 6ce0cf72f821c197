/** The style sheet of the page. Its colours are those of the parents' app, with contrast of at least 4.5 for text. */
export const style = `:root {
  color-scheme: light dark;
  --bg: #f4f6f3;
  --surface: #fff;
  --sunken: #ebefea;
  --line: #dde4dd;
  --line-strong: #86958c;
  --text: #15211b;
  --muted: #526159;
  --brand: #0d6b58;
  --brand-press: #0a5446;
  --on-brand: #fff;
  --soft: #d9ede6;
  --on-soft: #0a4d40;
  --good: #146c43;
  --good-soft: #daf0e2;
  --night: #434aa8;
  --night-soft: #e6e8fb;
  --pause: #8a4303;
  --pause-soft: #fdeacf;
  --bad: #a61b1b;
  --bad-soft: #fde3e0;
  --care: #a2305a;
  --care-press: #862549;
  --care-soft: #fbe9ef;
  --care-line: #efc6d5;
  --on-care: #fff;
  --shadow: 0 1px 2px rgb(21 33 27 / 5%), 0 4px 16px rgb(21 33 27 / 5%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #0f1512;
    --surface: #18211d;
    --sunken: #232e29;
    --line: #2b3832;
    --line-strong: #72827a;
    --text: #e7eeea;
    --muted: #a5b4ac;
    --brand: #5fcbab;
    --brand-press: #86dcc2;
    --on-brand: #05231b;
    --soft: #17392f;
    --on-soft: #a5e6d2;
    --good: #72d39a;
    --good-soft: #163524;
    --night: #b3b8ff;
    --night-soft: #282b4f;
    --pause: #f2b56b;
    --pause-soft: #3b2a13;
    --bad: #ff9d93;
    --bad-soft: #471c19;
    --care: #ff9dbd;
    --care-press: #ffb8cf;
    --care-soft: #33202a;
    --care-line: #57313f;
    --on-care: #3d0a1f;
    --shadow: 0 1px 2px rgb(0 0 0 / 30%);
  }
}
*, *::before, *::after { box-sizing: border-box; }
html {
  background: var(--bg);
  color: var(--text);
  font: 400 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%;
  text-size-adjust: 100%;
  -webkit-tap-highlight-color: transparent;
  scroll-behavior: smooth;
}
body { margin: 0; overflow-wrap: anywhere; }
h1, h2, h3, p, ul, blockquote, fieldset { margin: 0; padding: 0; }
ul { list-style: none; }
fieldset { border: 0; min-width: 0; }
h1 { font-size: 1.625rem; line-height: 1.2; letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: 1.125rem; line-height: 1.35; font-weight: 650; }
h3 { font-size: .9375rem; line-height: 1.4; font-weight: 600; color: var(--muted); }
a { color: var(--brand); text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; border-radius: 10px; }
main:focus { outline: none; }
.small { font-size: .875rem; line-height: 1.45; color: var(--muted); font-weight: 400; }
.unseen, .skip:not(:focus) {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.skip:focus { position: absolute; z-index: 1; inset: 8px auto auto 8px; padding: 12px 16px; border-radius: 12px; background: var(--surface); }
.glyph { flex: none; fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }

.top, main, .foot { max-width: 34rem; margin-inline: auto; padding-inline: 16px; }
.top { display: flex; align-items: center; justify-content: space-between; gap: 12px; padding-block: 8px; }
.brand { display: inline-flex; align-items: center; gap: 8px; min-height: 48px; padding-right: 8px; color: var(--brand); font-size: 1.1875rem; font-weight: 700; text-decoration: none; }
.mark-face { stroke: var(--on-brand); }
.languages { display: flex; padding: 4px; border-radius: 999px; background: var(--sunken); }
.languages a { display: grid; place-items: center; min-width: 48px; min-height: 44px; border-radius: 999px; color: var(--muted); font-size: .875rem; font-weight: 600; text-decoration: none; }
.languages a[aria-current] { background: var(--surface); color: var(--text); box-shadow: var(--shadow); }
main { display: flex; flex-direction: column; gap: 16px; padding-bottom: 8px; }
#quotas:empty, #requests:empty { display: none; }
.foot { padding-block: 16px 32px; text-align: center; color: var(--muted); font-size: .875rem; text-wrap: balance; }

.card { padding: 20px; border: 1px solid var(--line); border-radius: 20px; background: var(--surface); box-shadow: var(--shadow); }
.card > * + * { margin-top: 12px; }
.card > h3 { margin-top: 20px; }
.card > h3 + * { margin-top: 8px; }
.card > h2 { display: flex; align-items: center; gap: 10px; }
.card > h2 .glyph { color: var(--brand); }
.lead { color: var(--muted); }

.hero { position: relative; display: flex; align-items: center; gap: 8px; min-height: 172px; padding: 20px 12px 20px 20px; border-radius: 24px; color: #fff; overflow: hidden; }
.hero-text { flex: 1; min-width: 0; }
.hero .scene { flex: none; width: 112px; height: 112px; }
.hello { font-size: 1.0625rem; font-weight: 600; }
.hero h1 { margin-top: 2px; }
.hero .when { margin-top: 10px; text-wrap: balance; }
.hero .left { display: inline-block; margin-top: 8px; padding: 5px 12px; border-radius: 999px; background: rgb(0 0 0 / 26%); font-weight: 650; }
.hero .why { margin-top: 10px; font-size: .9375rem; line-height: 1.4; }
.hero-free, .hero-guest { background: linear-gradient(150deg, #0b5c4c, #157660); }
.hero-grant { background: linear-gradient(150deg, #0b5076, #3a55ad); }
.hero-pause { background: linear-gradient(150deg, #7b3a05, #a0570d); }
.hero-learning { background: linear-gradient(150deg, #0b4f6c, #1a678a); }
.hero-quota { background: linear-gradient(150deg, #5a2458, #7d3b76); }
.hero-schedule { background: linear-gradient(155deg, #23276b, #4a4aa8); }
.hero-error { background: linear-gradient(150deg, #46534d, #5b6962); }

.notice { display: flex; gap: 12px; align-items: flex-start; padding: 14px 16px; border-radius: 16px; font-weight: 600; }
.notice-good { background: var(--good-soft); color: var(--good); }
.notice-bad { background: var(--bad-soft); color: var(--bad); }

.hotline { padding: 18px 20px; border: 1px solid var(--care-line); border-radius: 20px; background: var(--care-soft); }
.hotline h2 { color: var(--care); }
.hotline h2 + p { margin-top: 2px; font-size: .9375rem; line-height: 1.4; }
.hotline .button { margin-top: 14px; }
.promise { display: flex; gap: 8px; margin-top: 12px; font-size: .875rem; line-height: 1.4; }
.promise span { text-wrap: balance; }
.promise .glyph { width: 20px; height: 20px; color: var(--care); }

.button { display: inline-flex; align-items: center; justify-content: center; gap: 8px; min-height: 52px; padding: 10px 20px; border: 0; border-radius: 16px; font: inherit; font-weight: 650; line-height: 1.25; text-align: center; text-decoration: none; cursor: pointer; touch-action: manipulation; transition: background-color .15s, transform .15s; }
.button:active { transform: scale(.98); }
.button:disabled { opacity: .6; cursor: default; }
.button .glyph { width: 20px; height: 20px; }
.wide { width: 100%; }
.primary { background: var(--brand); color: var(--on-brand); }
.primary:hover { background: var(--brand-press); }
.soft { background: var(--soft); color: var(--on-soft); }
.plain { background: transparent; color: var(--brand); }
.call { background: var(--care); color: var(--on-care); font-size: 1.1875rem; }
.call:hover { background: var(--care-press); }

form { display: flex; flex-direction: column; gap: 16px; }
legend, .field label { display: block; padding: 0; margin-bottom: 8px; font-weight: 600; }
.choices div { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; }
.choices.names div { grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); }
.choice { position: relative; }
.choice input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.choice span { display: grid; place-items: center; height: 100%; min-height: 56px; overflow-wrap: anywhere; padding: 6px; border: 1.5px solid var(--line-strong); border-radius: 16px; font-weight: 600; text-align: center; }
.choice input:checked + span { border-color: var(--brand); background: var(--soft); color: var(--on-soft); box-shadow: inset 0 0 0 1.5px var(--brand); }
.choice input:focus-visible + span { outline: 3px solid var(--brand); outline-offset: 2px; }
textarea { display: block; width: 100%; min-height: 84px; padding: 12px 14px; border: 1.5px solid var(--line-strong); border-radius: 16px; background: var(--bg); color: var(--text); font: inherit; resize: vertical; }
textarea::placeholder { color: var(--muted); opacity: 1; }
textarea:focus-visible { border-radius: 16px; outline-offset: 0; }
.aside { display: flex; gap: 10px; padding: 12px 14px; border-radius: 14px; background: var(--sunken); font-size: .9375rem; line-height: 1.45; }
.aside .glyph { width: 20px; height: 20px; margin-top: 1px; color: var(--care); }

.requests, .schedules, .contacts { display: flex; flex-direction: column; }
.requests > li + li, .schedules > li + li, .contacts > li + li { border-top: 1px solid var(--line); }
.request, .schedules > li { display: flex; gap: 12px; padding-block: 12px; }
.requests > li:last-child, .schedules > li:last-child, .contacts > li:last-child { padding-bottom: 0; }
.request-icon, .schedule-icon { flex: none; display: grid; place-items: center; width: 40px; height: 40px; border-radius: 50%; background: var(--sunken); color: var(--muted); }
.request-icon .glyph, .schedule-icon .glyph { width: 20px; height: 20px; }
.request-granted .request-icon { background: var(--good-soft); color: var(--good); }
.request-refused .request-icon { background: var(--pause-soft); color: var(--pause); }
.schedule-icon { background: var(--night-soft); color: var(--night); }
.request > div { flex: 1; min-width: 0; }
blockquote { margin-top: 8px; padding: 10px 14px; border-radius: 4px 16px 16px; background: var(--sunken); white-space: pre-line; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; }
.chips li { padding: 6px 12px; border-radius: 18px; background: var(--sunken); font-size: .9375rem; line-height: 1.35; }
.marked { display: flex; flex-direction: column; gap: 8px; }
.marked li { display: flex; gap: 10px; }
.marked .glyph { width: 20px; height: 20px; margin-top: 2px; color: var(--muted); }
.never .glyph { color: var(--good); }
.contacts > li { padding-block: 14px; }
.contacts strong { font-weight: 600; }
.ways { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; }
.ways .soft { flex: 1 1 9rem; font-size: 1.0625rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.ways .plain { flex: 0 1 auto; padding-inline: 12px; }
.emergencies { display: grid; grid-template-columns: repeat(2, 1fr); gap: 8px; }
.tile { display: flex; flex-direction: column; justify-content: center; gap: 2px; height: 100%; min-height: 76px; padding: 10px 14px; border-radius: 16px; background: var(--sunken); color: var(--text); font-size: .875rem; line-height: 1.3; text-decoration: none; }
.tile strong { color: var(--care); font-size: 1.375rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.claim { border-color: var(--brand); }
.qr { display: block; width: min(100%, 13rem); margin: 0 auto; border-radius: 12px; }
.code { padding: 16px 8px; border-radius: 16px; background: var(--soft); color: var(--on-soft); text-align: center; font: 700 1.875rem/1.2 ui-monospace, "SF Mono", Menlo, "Roboto Mono", "Noto Sans Mono", "DejaVu Sans Mono", monospace; letter-spacing: .08em; }
.address { font: 600 1rem/1.4 ui-monospace, "SF Mono", Menlo, "Roboto Mono", "Noto Sans Mono", "DejaVu Sans Mono", monospace; }

@media (max-width: 22rem) {
  .hero .scene { width: 84px; height: 84px; }
}
@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; scroll-behavior: auto !important; }
}
@media (forced-colors: active) {
  .choice input:checked + span { outline: 3px solid; }
  .hero { border: 1px solid; }
}
`;
