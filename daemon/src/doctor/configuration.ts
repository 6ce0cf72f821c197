import { codeOf } from '@khien/shared/error';
import type { Config } from '../config.ts';
import { type Finding, ok, problem } from './finding.ts';

const CHECK = 'configuration';

/** Whether the configuration is there and right; `read` throws as `readConfig` does. */
export function checkConfiguration(
  file: string,
  read: (file: string) => Config,
): { finding: Finding; config: Config | undefined } {
  try {
    const config = read(file);
    return { finding: ok(CHECK, `${file}, cloud ${config.cloud.url}`), config };
  } catch (error) {
    const found = error instanceof Error ? error.message : codeOf(error);
    const todo = 'correct that file, or on OpenWrt /etc/config/khien, then: /etc/init.d/khien restart';
    return { finding: problem(CHECK, found, todo), config: undefined };
  }
}
