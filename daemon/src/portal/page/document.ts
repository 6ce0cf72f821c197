import { PORTAL_SCRIPT, PORTAL_STYLE } from '../assets/index.ts';
import { html, type Markup } from '../html.ts';
import { type Language, languages, type Texts } from '../language/index.ts';
import { mark } from './art.ts';

/** A whole page around `main`. */
export function document(texts: Texts, title: string, main: Markup): string {
  return html`<!doctype html>
<html lang="${texts.code}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f4f6f3">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0f1512">
<meta name="format-detection" content="telephone=no">
<title>${title} · ${texts.brand}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${PORTAL_STYLE.path}">
<script src="${PORTAL_SCRIPT.path}" defer></script>
</head>
<body>
<a class="skip" href="#main">${texts.skip}</a>
<header class="top">
<a class="brand" href="/">${mark}<span>${texts.brand}</span></a>
<nav aria-label="${texts.languages}"><ul class="languages">${languageCodes.map((code) => languageLink(code, texts))}</ul></nav>
</header>
<main id="main" tabindex="-1">
${main}
</main>
<footer class="foot"><p>${texts.footer}</p></footer>
</body>
</html>
`.text;
}

const languageCodes: readonly Language[] = ['vi', 'en'];

function languageLink(code: Language, texts: Texts): Markup {
  const { own } = languages[code];
  const current = code === texts.code ? html` aria-current="true"` : null;
  return html`<li><a href="/?lang=${code}" lang="${code}" hreflang="${code}" aria-label="${own}"${current}>${code.toUpperCase()}</a></li>`;
}
