export type HomeErrorCode = 'not-isolated' | 'command-failed' | 'timeout' | 'exited' | 'unknown-host';

/** What went wrong while laying out or using the virtual home; the message carries the tail of the log concerned. */
export class HomeError extends Error {
  readonly code: HomeErrorCode;

  constructor(code: HomeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HomeError';
    this.code = code;
  }
}
