import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { codeOf, isKhienError } from '@khien/shared/error';
import { findCommand, helpOf } from './commands/command.ts';
import { commands } from './commands/index.ts';
import { type Config, describeConfig, describeSettings, readConfig } from './config.ts';
import { CloudServer } from './server.ts';

/** How long a stop may take before it is cut short, milliseconds. */
const STOP_TIME = 15_000;
/** sysexits.h: EX_USAGE, EX_CONFIG. */
const USAGE = 64;
const CONFIG = 78;

const help = `khien-cloud: the parents' API and web UI, and the edge that routers connect to

  khien-cloud
      runs
${commands.map(helpOf).join('\n')}

  --help     this text
  --check    say what the configuration is and whether it is valid, and start nothing

It is configured by the environment (default in brackets):

${describeSettings()}
`;

function fail(message: string, status: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}

interface Typed {
  readonly words: readonly string[];
  readonly switches: ReadonlySet<string>;
}

function typed(): Typed {
  const known = new Set(['help', 'check', ...commands.flatMap(({ switches = [] }) => switches)]);
  const options = Object.fromEntries([...known].map((name) => [name, { type: 'boolean' as const }]));
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    return { words: positionals, switches: new Set(Object.keys(values)) };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\nTry --help.`, USAGE);
  }
}

function config(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    return fail(isKhienError(error) ? error.message : String(error), CONFIG);
  }
}

async function run(): Promise<void> {
  const server = new CloudServer(config(), fileURLToPath(new URL('../web/dist', import.meta.url)));
  const starting = server.start();
  let stopping = false;
  const stop = (): void => {
    // Asked twice, it does not wait.
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => fail('it could not stop in time', 1), STOP_TIME).unref();
    starting
      .then(() => server.stop())
      .catch((error: unknown) => fail(`it did not stop cleanly: ${codeOf(error)}`, 1));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`Khiên is at ${await starting}\n`);
}

async function obey({ words, switches }: Typed): Promise<void> {
  if (words.length === 0 && switches.size === 0) return run();
  const { command, operands } = findCommand(commands, words, switches);
  await command.run(config(), operands, switches);
}

/** In a line: what went wrong, and why where that does not say so. */
function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const why = error.cause instanceof Error ? error.cause.message : '';
  const line = `${codeOf(error)}: ${error.message}`;
  return why === '' || line.includes(why) ? line : `${line}: ${why}`;
}

function statusOf(error: unknown): number {
  return codeOf(error) === 'USAGE' ? USAGE : 1;
}

const asked = typed();
if (asked.switches.has('help')) process.stdout.write(help);
else if (asked.switches.has('check')) process.stdout.write(`${describeConfig(config())}\n`);
else await obey(asked).catch((error: unknown) => fail(lineOf(error), statusOf(error)));
