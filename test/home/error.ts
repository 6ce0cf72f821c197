import { KhienError } from '@khien/shared/error';

export type HomeErrorCode =
  | 'HOME_COMMAND_FAILED'
  | 'HOME_ENDED'
  | 'HOME_NOT_ISOLATED'
  | 'HOME_PROGRAM_EXITED'
  | 'HOME_TIMEOUT'
  | 'HOME_UNKNOWN_HOST';

/** What went wrong while laying out or using the virtual home; the message carries the log concerned. */
export function homeError(code: HomeErrorCode, message: string, cause?: unknown): KhienError {
  return new KhienError(code, message, { cause });
}
