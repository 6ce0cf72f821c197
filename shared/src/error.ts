/**
 * An error with a stable code. Codes are data that programs and language files key on; `message` is for logs and
 * developers, in English. The text a person reads lives in the language files of the UI that shows it.
 */
export class KhienError extends Error {
  override readonly name = 'KhienError';
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

export function isKhienError(error: unknown): error is KhienError {
  return error instanceof KhienError;
}

/** The code of any error: its own where it has one (`KhienError`, Node's system errors), else `UNEXPECTED`. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'UNEXPECTED';
}
