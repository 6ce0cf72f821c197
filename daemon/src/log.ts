/** Where the daemon says what it does: lines for syslog, in English, without a child's data. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

/** Writes to standard error, which procd and systemd take into their logs. */
export const stderrLog: Log = {
  info: (message) => console.error(`info: ${message}`),
  warn: (message) => console.error(`warning: ${message}`),
  error: (message, error) =>
    console.error(`error: ${message}${error === undefined ? '' : `: ${describe(error)}`}`),
};

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `${error.message} (${String(error.code)})` : error.message;
}
