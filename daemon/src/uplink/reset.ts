import { createInterface } from 'node:readline/promises';
import { KhienError } from '@khien/shared/error';
import type { Config } from '../config.ts';
import { holderOfPlace } from '../control/place.ts';
import type { Log } from '../log.ts';
import { Belongings } from './belongings.ts';

/**
 * `khiend reset`. Returns the status to end with.
 *
 * @throws KhienError `ALREADY_RUNNING`: what a daemon holds in memory it would write again
 */
export async function reset(
  config: Pick<Config, 'stateFolder' | 'runFolder'>,
  { key, yes }: { readonly key: boolean; readonly yes: boolean },
  log: Log,
): Promise<number> {
  const holder = await holderOfPlace();
  if (holder !== undefined) {
    throw new KhienError('ALREADY_RUNNING', `stop khiend first: it runs as process ${holder}`);
  }
  if (!yes && !(await isConfirmed())) {
    console.error('Nothing was changed. With --yes it is not asked.');
    return 1;
  }
  await new Belongings(config, log).reset({ key });
  console.log('This router is nobody’s now. Start khiend to have it claimed.');
  return 0;
}

async function isConfirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await asking.question(
      'Forget the family, its rules, and what is not sent to the cloud yet? [y/N] ',
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
}
