// The demo's inner half, inside the namespaces: inside FOLDER, where FOLDER is seen from outside too.
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, type Host, request, VirtualHome } from '../home/index.ts';
import { CloudSystem, cloudUrl } from '../system/cloud.ts';
import { RouterSystem } from '../system/router.ts';

const parent = { email: 'me@khien.example', password: 'mot gia dinh vui ve', name: 'Mẹ' };
const relay = fileURLToPath(new URL('relay-inside.ts', import.meta.url));

const [folder = ''] = process.argv.slice(2);
const started = Date.now();
const say = (text: string): void =>
  console.log(`[${((Date.now() - started) / 1000).toFixed(1).padStart(4)} s] ${text}`);

let home: VirtualHome | undefined;
let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  say('stopping; nothing is left behind');
  await home?.stop();
  process.exit(code);
}

async function main(): Promise<void> {
  say('a home in network namespaces: router, tablet, laptop, phone, a fake Internet');
  home = await VirtualHome.start();
  const data = mkdtempSync(join(tmpdir(), 'khien-demo-data-'));

  say('the cloud');
  const cloud = new CloudSystem(home, join(data, 'cloud'));
  await cloud.start();
  await signUp(home);

  say('the router daemon');
  const router = new RouterSystem(home, join(data, 'router'), cloud);
  await router.start();
  const claimCode = await eventually(
    'the router has a claim code',
    async () => (await router.status()).cloud.claimCode,
  );

  await openWindow(home.cloud, 'parent', 'https://127.0.0.1');
  await openWindow(home.device('tablet'), 'tablet', 'http://192.168.50.1:5480', 'http://khien.home.arpa');
  const hosts = Object.fromEntries(
    [home.router, ...home.devices, home.internet, home.cloud].map((host) => [host.name, host.namespace]),
  );
  writeFileSync(join(folder, 'ready.new'), JSON.stringify({ claimCode, parent, hosts }));
  renameSync(join(folder, 'ready.new'), join(folder, 'ready.json'));

  for (const [name, system] of Object.entries({ cloud, router })) {
    void system.process.exited.then((code) => {
      if (!stopping)
        say(`the ${name} has ended (${code}); its last words:\n${system.process.log().slice(-2000)}`);
    });
  }
}

async function signUp(home: VirtualHome): Promise<void> {
  const household = { name: 'Nhà An', zone: 'Asia/Ho_Chi_Minh' };
  const answer = await request(home.phone, `${cloudUrl}/api/v1/account`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: cloudUrl },
    body: JSON.stringify({ ...parent, household, language: 'vi' }),
    timeout: 10_000,
  });
  if (!answer.reached || answer.status >= 300)
    throw new Error(`the parent could not sign up: ${JSON.stringify(answer)}`);
}

async function openWindow(host: Host, name: string, origin: string, as?: string): Promise<void> {
  const window = host.node(relay, [join(folder, `${name}.sock`), origin, ...(as === undefined ? [] : [as])]);
  await window.ready(`the window to the ${name} is open`, () => window.log().includes('ready'));
}

// The outer half holds the other end; it closes when that half ends, however it ends.
process.stdin.on('end', () => void stop(0)).resume();
main().catch(async (error: unknown) => {
  console.error(error);
  await stop(1);
});
