import { constants } from 'node:os';

/** One request of the exchange that the kernel refused. */
export interface NetlinkFailure {
  readonly code: string;
  readonly errno: number;
  /** What was asked, e.g. `add element inet filter/blocked`. */
  readonly request: string;
}

const codes = new Map<number, string>(
  // EAGAIN and EOPNOTSUPP share their numbers with other names; the later entry wins.
  [...Object.entries(constants.errno), ['EAGAIN', constants.errno.EAGAIN] as const]
    .concat([['EOPNOTSUPP', constants.errno.EOPNOTSUPP]])
    .map(([code, errno]) => [errno, code]),
);

/** The symbolic name of a positive errno: 2 → `ENOENT`. */
export function errorCode(errno: number): string {
  return codes.get(errno) ?? `E${errno}`;
}

const LISTED = 5;

/**
 * Everything that can go wrong in this package.
 *
 * `code` and `errno` are those of the first failure. Codes that do not come from the kernel: `EMSGSIZE` (does not fit
 * the socket's send buffer or a 64 KiB attribute), `EBADMSG` (malformed reply), `ENOBUFS` (replies were lost),
 * `ECANCELED` (closed meanwhile), `EINTR` (the dumped objects changed under a dump again and again), `EINVAL` (an
 * argument that no kernel could accept).
 */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  readonly code: string;
  readonly errno: number;
  readonly failures: readonly NetlinkFailure[];

  constructor(code: string, message: string, failures: readonly NetlinkFailure[] = []) {
    super(message);
    this.code = code;
    this.errno =
      failures[0]?.errno ?? Object.entries(constants.errno).find(([name]) => name === code)?.[1] ?? 0;
    this.failures = failures;
  }

  /** The error of an exchange in which the kernel refused at least one request. */
  static refused(first: NetlinkFailure, others: readonly NetlinkFailure[] = []): NetlinkError {
    const failures = [first, ...others];
    const listed = failures.slice(0, LISTED).map(({ request, code }) => `${request}: ${code}`);
    const hidden = failures.length - listed.length;
    return new NetlinkError(
      first.code,
      listed.join('; ') + (hidden > 0 ? `; and ${hidden} more` : ''),
      failures,
    );
  }
}

/** The failure the kernel reports with `-errno` in an NLMSG_ERROR. */
export function failure(errno: number, request: string): NetlinkFailure {
  return { code: errorCode(errno), errno, request };
}

export function isNetlinkError(error: unknown, code?: string): error is NetlinkError {
  return error instanceof NetlinkError && (code === undefined || error.code === code);
}
