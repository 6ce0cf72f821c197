// make demo: the virtual home with the real cloud and daemon, until Ctrl-C. This half stays outside the namespaces and
// opens windows into them on the loopback interface.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { openRelay } from './relay.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where `test/demo/on` looks for the running demo. */
const RUNNING = '/run/khien-demo';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

const readySchema = z.object({
  claimCode: z.string(),
  parent: z.object({ email: z.string(), password: z.string() }),
  hosts: z.record(z.string(), z.string()),
});

if (process.getuid?.() !== 0) {
  console.error(
    'make demo needs root: it makes network namespaces for the virtual home and loads nf_tables rules inside them.\n' +
      'Nothing outside those namespaces is changed. Run: sudo make demo',
  );
  process.exit(1);
}

// An abstract socket (unix(7)) holds the place of the one demo: the kernel frees it however this process ends.
const place = createServer().unref().listen('\0khien-demo');
await once(place, 'listening').catch(() => {
  console.error('A demo is running already.');
  process.exit(1);
});
// Of one that was killed.
for (const name of readdirSync('/run').filter((name) => /^khien-demo(\.|$)/.test(name))) {
  rmSync(join('/run', name), { recursive: true, force: true });
}

const folder = mkdtempSync('/run/khien-demo.');
symlinkSync(folder, RUNNING);
const script = here('../in-namespace.sh');
const inner = spawn('sh', [script, process.execPath, '--import', 'tsx', here('inside.ts'), folder], {
  // The inner half ends when its standard input does, so also when this process is killed.
  stdio: ['pipe', 'inherit', 'inherit'],
  // Ctrl-C is for this process, which then ends the other in good order.
  detached: true,
});
const ended = new Promise<number>((resolve) => inner.once('exit', (code) => resolve(code ?? 1)));
let stopping = false;

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  inner.stdin?.end();
  const timer = setTimeout(() => inner.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

async function ready(): Promise<z.infer<typeof readySchema>> {
  const file = join(folder, 'ready.json');
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!existsSync(file)) {
    if (stopping || inner.exitCode !== null) throw new Error('the demo did not start');
    if (Date.now() > deadline) throw new Error(`the demo did not start within ${START_TIMEOUT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return readySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** The process that leads the namespaces, as seen from here: `on` enters them by it (proc_pid_children(5)). */
function leader(): string {
  return readFileSync(`/proc/${inner.pid}/task/${inner.pid}/children`, 'utf8').trim();
}

/** Opens a loopback port onto a socket that the inner half serves: the one wished for, or any free one. */
async function openWindow(name: string, port: number): Promise<string> {
  const to = { socket: join(folder, `${name}.sock`) };
  const server = await openRelay({ listen: { port }, to }).catch(() =>
    openRelay({ listen: { port: 0 }, to }),
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the window has no port');
  return `http://127.0.0.1:${address.port}`;
}

async function main(): Promise<void> {
  const { claimCode, parent } = await ready();
  writeFileSync(join(folder, 'leader'), leader());
  const parentUrl = await openWindow('parent', 8480);
  const tabletUrl = await openWindow('tablet', 8481);
  console.log(`
  The parents' app       ${parentUrl}
      e-mail             ${parent.email}
      password           ${parent.password}
      claim code         ${claimCode}   (the router shows it; enter it after signing in)

  What the tablet sees   ${tabletUrl}   (the child's page, once the tablet is a child's)

  On the tablet          sh test/demo/on tablet dig www.tiktok.com
                         sh test/demo/on tablet curl -s --max-time 3 http://www.tiktok.com/
  In the kernel          sh test/demo/on router nft list ruleset
  Also                   laptop, newphone, internet, cloud

  Ctrl-C ends it and leaves nothing behind.
`);
}

process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());
process.on('SIGHUP', () => void stop());
main().catch(async (error: unknown) => {
  if (!stopping) console.error(error instanceof Error ? error.message : error);
  await stop();
});
const code = await ended;
rmSync(folder, { recursive: true, force: true });
rmSync(RUNNING, { force: true });
process.exit(code);
