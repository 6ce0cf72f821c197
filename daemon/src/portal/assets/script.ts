/**
 * All the script of the page: keeps what may change by itself fresh, and a form from being sent twice. The page does
 * without it. Plain ES2017, for old phones.
 */
export const script = `'use strict';
const REGIONS = ['status', 'quotas', 'requests', 'ask'];

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

const CAPTIVE = document.querySelector('[data-captive=true]') !== null;

/*
 * When the network is on again the page is loaded anew: the browser that a system opens on a portal looks after each page
 * whether it still is one, and closes by itself. What is half written is not thrown away for that.
 */
async function watch() {
  if (document.hidden || Array.from(document.querySelectorAll('textarea')).some((field) => field.value)) return;
  try {
    const response = await fetch('/captive-portal/api', { cache: 'no-store' });
    if (response.ok && !(await response.json()).captive) location.reload();
  } catch (unreachable) {
    // The next look comes soon.
  }
}

if (CAPTIVE) {
  setInterval(watch, 5000);
  document.addEventListener('visibilitychange', watch);
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
