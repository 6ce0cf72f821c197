import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { codeOf, isKhienError } from '@khien/shared/error';
import { type Config, describeConfig, describeSettings, readConfig } from './config.ts';
import { CloudServer, tableFolder } from './server.ts';

/** How long a stop may take before it is cut short, milliseconds. */
const STOP_TIME = 15_000;
/** sysexits.h: EX_USAGE, EX_CONFIG. */
const USAGE = 64;
const CONFIG = 78;

const help = `khien-cloud: the parents' API and web UI, and the edge that routers connect to

  khien-cloud                      runs
  khien-cloud lists publish FILE   checks a list that \`khiend lists compile\` made, and has every router fetch it; a cloud
                                   that runs with the same KHIEN_DATA notices by itself

  --help     this text
  --check    say what the configuration is and whether it is valid, and start nothing

It is configured by the environment (default in brackets):

${describeSettings()}
`;

function fail(message: string, status: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}

interface Options {
  readonly help: boolean;
  readonly check: boolean;
  /** The list to publish. */
  readonly publish: string | undefined;
}

function options(): Options {
  try {
    const { values, positionals } = parseArgs({
      options: { help: { type: 'boolean' }, check: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [command, action, file, ...rest] = positionals;
    const publishes = command === 'lists' && action === 'publish' && file !== undefined && rest.length === 0;
    if (command !== undefined && !publishes)
      return fail(`unknown: ${positionals.join(' ')}\nTry --help.`, USAGE);
    return { help: values.help === true, check: values.check === true, publish: file };
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

async function publish(file: string): Promise<void> {
  const { table } = await tableFolder(config().data).publish(file);
  process.stdout.write(`published ${table.version}: ${table.bytes} bytes, sha256 ${table.sha256}\n`);
}

const asked = options();
if (asked.help) process.stdout.write(help);
else if (asked.check) process.stdout.write(`${describeConfig(config())}\n`);
else
  await (asked.publish === undefined ? run() : publish(asked.publish)).catch((error: unknown) =>
    fail(error instanceof Error ? `${codeOf(error)}: ${error.message}` : String(error), 1),
  );
