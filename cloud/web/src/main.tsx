import './design/tokens.css';
import './design/base.css';
import { render } from 'preact';
import { Api } from './api/endpoints.ts';
import { Http } from './api/http.ts';
import { keepIn } from './api/keep.ts';
import { App } from './app/app.tsx';
import { registerServiceWorker } from './app/service-worker.ts';
import { Session } from './app/session.ts';

const keep = keepIn(storage());
const http = new Http(
  (url, init) => fetch(url, init),
  () => session.end(),
);
const api = new Api(http);
const session = new Session(api, keep);

void session.ask();
registerServiceWorker();

const root = document.getElementById('app');
if (root !== null) render(<App parts={{ api, keep, session }} />, root);

function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    // Site data are switched off.
    return undefined;
  }
}
