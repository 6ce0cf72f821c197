import { parseArgs } from 'node:util';
import { codeOf, isKhienError } from '@khien/shared/error';
import { readConfig } from './config.ts';
import { readStatus, statusPath } from './control/status-socket.ts';
import { stderrLog } from './log.ts';
import { Daemon } from './main.ts';
import { printStatus, statusSchema } from './status.ts';
import { version } from './version.ts';

const usage = `khiend ${version}: enforces a family's policy on this router

  khiend run       enforce, until SIGTERM; the rules stay in the kernel after that
  khiend status    what is enforced, and whether the cloud is in reach
  khiend help      this

  --config FILE    configuration (default /etc/khien/config.json)
  --json           status as JSON
`;

const options = {
  config: { type: 'string', default: '/etc/khien/config.json' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [command = 'help', ...rest] = positionals;
  if (values.version) console.log(version);
  else if (values.help || (command === 'help' && rest.length === 0)) console.log(usage);
  else if (command === 'run' && rest.length === 0) await run(values.config);
  else if (command === 'status' && rest.length === 0) await status(values.config, values.json);
  else throw new UsageError(`khiend does not know: ${positionals.join(' ')}`);
}

class UsageError extends Error {}

async function run(configFile: string): Promise<void> {
  const daemon = await Daemon.open(readConfig(configFile), stderrLog);
  const stop = (signal: string): void => {
    stderrLog.info(`${signal}: stopping; the rules stay in the kernel`);
    daemon.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await daemon.start();
}

async function status(configFile: string, json: boolean): Promise<void> {
  const found = statusSchema.parse(await readStatus(statusPath(readConfig(configFile).runFolder)));
  console.log(json ? JSON.stringify(found, null, 2) : printStatus(found));
}

/** Ends with a line that says what is wrong: status 2 for a wrong call or configuration, 1 otherwise. */
function fail(error: unknown): never {
  const wrongCall = error instanceof UsageError || codeOf(error).startsWith('ERR_PARSE_ARGS');
  if (wrongCall) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
  stderrLog.error(isKhienError(error) ? error.code : 'khiend ends', error);
  process.exit(isKhienError(error) && error.code.startsWith('CONFIG_') ? 2 : 1);
}

// What nobody has caught leaves the daemon in an unknown state: end, and let procd start it again. The kernel enforces.
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
main().catch(fail);
