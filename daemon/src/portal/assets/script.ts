/**
 * All the script of the page: keeps what may change by itself fresh, and a form from being sent twice. The page does
 * without it. Plain ES2017, for old phones.
 */
export const script = `'use strict';
const REGIONS = ['status', 'requests', 'ask'];

function replace(fresh, id) {
  const old = document.getElementById(id);
  const next = fresh.getElementById(id);
  if (!old || !next || old.outerHTML === next.outerHTML) return;
  if (id === 'ask' && (old.dataset.state === next.dataset.state || old.contains(document.activeElement))) return;
  old.replaceWith(next);
}

async function refresh() {
  if (document.hidden) return;
  try {
    const response = await fetch('/', { cache: 'no-store' });
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const id of REGIONS) replace(fresh, id);
  } catch (unreachable) {
    // Away from home for a moment: what is shown stays, and the next try comes soon.
  }
}

if (document.getElementById('requests')) {
  setInterval(refresh, 20000);
  document.addEventListener('visibilitychange', refresh);
}
if (location.search) history.replaceState(null, '', '/');

document.addEventListener('submit', (event) => {
  const button = event.target.querySelector('button[type=submit]');
  if (button) setTimeout(() => { button.disabled = true; }, 0);
});
addEventListener('pageshow', () => {
  for (const button of document.querySelectorAll('button:disabled')) button.disabled = false;
});
`;
