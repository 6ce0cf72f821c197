import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { codeOf, isKhienError } from '@khien/shared/error';
import { readConfig } from './config.ts';
import { askDaemon } from './control/ask.ts';
import { controlPath } from './control/control-socket.ts';
import { examine } from './doctor/doctor.ts';
import { printFindings } from './doctor/finding.ts';
import { askedName } from './explain/asked-name.ts';
import { explanationSchema } from './explain/explanation.ts';
import { printExplanation } from './explain/print.ts';
import { stderrLog } from './log.ts';
import { Daemon } from './main.ts';
import { printStatus, statusSchema } from './status.ts';
import { version } from './version.ts';

const usage = `khiend ${version}: enforces a family's policy on this router

  khiend run                     enforce, until SIGTERM; the rules stay in the kernel after that
  khiend status                  what is enforced, and whether the cloud is in reach
  khiend explain NAME [DEVICE]   why a name (or a pasted address) is allowed or blocked, on every managed device or
                                 on one: its MAC or IP address, its name, or its child's
  khiend lists …                 compile and look into lists of names; khiend lists --help
  khiend reset [--new-key]       forget the family and its rules, as before the router was claimed; khiend must not run.
                                 The key stays, by which the cloud knows the router, or is made anew
  khiend doctor                  look for what is wrong, also when khiend does not run; its output names no child
  khiend help                    this

  --config FILE    configuration (default /etc/khien/config.json, or /var/etc/khien.json where that is not there)
  --yes            reset without asking
  --json           status, explain and doctor as JSON

Ends with 0 when all is well, 1 when not (khiend does not run, doctor has found something), 2 for a wrong call.
`;

/** Written by hand, or by OpenWrt's init script from UCI. */
const configFiles = ['/etc/khien/config.json', '/var/etc/khien.json'] as const;

const options = {
  config: { type: 'string' },
  json: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  'new-key': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  if (process.argv[2] === 'lists') {
    const { listsCommand } = await import('./lists/command/lists.ts');
    process.exitCode = await listsCommand(process.argv.slice(3));
    return;
  }
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [command = 'help', ...rest] = positionals;
  const config = values.config ?? configFiles.find((file) => existsSync(file)) ?? configFiles[0];
  const [name, device] = rest;
  if (values.version) console.log(version);
  else if (values.help || (command === 'help' && rest.length === 0)) console.log(usage);
  else if (command === 'run' && rest.length === 0) await run(config);
  else if (command === 'status' && rest.length === 0) await status(config, values.json);
  else if (command === 'explain' && name !== undefined && rest.length <= 2)
    await explain(config, name, device, values.json);
  else if (command === 'reset' && rest.length === 0) {
    const { reset } = await import('./uplink/reset.ts');
    process.exitCode = await reset(
      readConfig(config),
      { key: values['new-key'], yes: values.yes },
      stderrLog,
    );
  } else if (command === 'doctor' && rest.length === 0) await doctor(config, values.json);
  else if (command === 'explain') throw new UsageError('khiend explain wants a name, and one device at most');
  else throw new UsageError(`khiend does not know: ${positionals.join(' ')}`);
}

class UsageError extends Error {}

async function run(configFile: string): Promise<void> {
  const config = readConfig(configFile);
  let stopping = false;
  const begin = (): Daemon => new Daemon(config, stderrLog, () => void move().catch(fail));
  let daemon = begin();
  const move = async (): Promise<void> => {
    await daemon.stop();
    if (stopping) return;
    daemon = begin();
    await daemon.start();
  };
  const stop = (signal: string): void => {
    stopping = true;
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
  const path = controlPath(readConfig(configFile).runFolder);
  const found = statusSchema.parse(await askDaemon(path, { ask: 'status' }));
  console.log(json ? JSON.stringify(found, null, 2) : printStatus(found));
}

async function explain(
  configFile: string,
  text: string,
  device: string | undefined,
  json: boolean,
): Promise<void> {
  const name = askedName(text);
  if (name === undefined) throw new UsageError(`not a DNS name, and no address of a web page: ${text}`);
  if (device !== undefined && (device.trim() === '' || device.length > 100))
    throw new UsageError('the name of a device has 1 to 100 characters');
  const path = controlPath(readConfig(configFile).runFolder);
  const request = { ask: 'explain' as const, name, ...(device === undefined ? {} : { device }) };
  const found = explanationSchema.parse(await askDaemon(path, request));
  console.log(json ? JSON.stringify(found, null, 2) : printExplanation(found));
}

async function doctor(configFile: string, json: boolean): Promise<void> {
  const findings = await examine(configFile);
  console.log(json ? JSON.stringify({ version, findings }, null, 2) : printFindings(findings));
  process.exitCode = findings.some(({ state }) => state === 'problem') ? 1 : 0;
}

/** What the daemon refuses because the call is wrong, with a message that says it all. */
const wrongCalls = ['NO_SUCH_DEVICE', 'AMBIGUOUS_DEVICE'];

/** Ends with a line that says what is wrong: status 2 for a wrong call or configuration, 1 otherwise. */
function fail(error: unknown): never {
  const wrongCall = error instanceof UsageError || codeOf(error).startsWith('ERR_PARSE_ARGS');
  if (wrongCall) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
  if (isKhienError(error) && wrongCalls.includes(error.code)) {
    console.error(error.message);
    process.exit(2);
  }
  stderrLog.error(isKhienError(error) ? error.code : 'khiend ends', error);
  process.exit(isKhienError(error) && error.code.startsWith('CONFIG_') ? 2 : 1);
}

// What nobody has caught leaves the daemon in an unknown state: end, and let procd start it again. The kernel enforces.
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
main().catch(fail);
