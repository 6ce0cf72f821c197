/*
 * Every code that the cloud throws, in one place. `status` is what HTTP answers; codes that only end the start of the
 * process have 500, which nobody sees.
 */

interface Entry {
  readonly status: number;
  /** RFC 9457 `title`: for developers; people read the text of their language file. */
  readonly title: string;
}

export const errorCatalogue = {
  // What was sent
  INVALID_INPUT: { status: 400, title: 'The input is not valid' },
  MALFORMED_BODY: { status: 400, title: 'The body is not JSON' },
  BAD_REQUEST: { status: 400, title: 'The request is not valid HTTP for this address' },
  TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body must be application/json' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests' },

  // Who sent it
  UNAUTHENTICATED: { status: 401, title: 'Sign in first' },
  CREDENTIALS_WRONG: { status: 401, title: 'The email or the password is wrong' },
  EMAIL_TAKEN: { status: 409, title: 'There is an account with this email' },
  FORBIDDEN: { status: 403, title: 'The role does not include this' },
  PASSKEYS_UNAVAILABLE: { status: 409, title: 'Passkeys need https and a name' },
  PASSKEY_REFUSED: { status: 401, title: 'The passkey is not known here, or its answer is not right' },
  PASSKEY_KNOWN: { status: 409, title: 'The passkey is in use already' },
  CHALLENGE_EXPIRED: { status: 409, title: 'The challenge has expired or was answered' },
  RECOVERY_CODE_WRONG: { status: 401, title: 'The recovery code is wrong or was used' },
  LAST_WAY_IN: { status: 409, title: 'It is the only way to sign in' },
  REAUTHENTICATION_NEEDED: { status: 403, title: 'Show your passkey or your password again first' },
  SIGN_IN_RENEWAL_NEEDED: { status: 403, title: 'Make a passkey or set a password first' },
  CREDENTIALS_AMBIGUOUS: { status: 400, title: 'Send either a cookie or a key' },
  API_KEY_MISTYPED: { status: 401, title: 'The key is mistyped or cut' },
  API_KEY_UNKNOWN: { status: 401, title: 'The key was revoked, has expired, or never was' },
  CROSS_SITE: { status: 403, title: 'The request came from another site' },

  // What it asked for
  NOTHING_TO_EXTEND: { status: 409, title: 'The network does not end, so there is nothing to extend' },
  ALREADY_ANSWERED: { status: 409, title: 'The request was answered already' },
  LAST_ADDRESS: { status: 409, title: 'The device has no other address' },
  ALREADY_DECIDED: { status: 409, title: 'The proposal was decided already' },
  LIMIT_REACHED: { status: 409, title: 'There are as many of these as a household can have' },

  INVITATION_OVER: { status: 410, title: 'The invitation was used or revoked, or has expired' },
  ALREADY_MEMBER: { status: 409, title: 'The account belongs to the household already' },
  LAST_OWNER: { status: 409, title: 'The household would have no owner' },
  PUSH_NOT_SUBSCRIBED: { status: 409, title: 'This browser takes no pushes' },
  ADDRESS_REFUSED: { status: 500, title: 'Nothing is sent to an address inside this network' },
  NAME_UNRESOLVED: { status: 500, title: 'No name server says where the name leads' },

  POLICY_TOO_LARGE: { status: 409, title: 'The rules are more than a router can take' },

  IDEMPOTENCY_KEY_INVALID: { status: 400, title: 'An idempotency key has 1 to 64 printable characters' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The idempotency key belongs to another request' },
  IDEMPOTENCY_KEY_IN_USE: { status: 409, title: 'The request with this idempotency key is under way' },
  OUTCOME_UNKNOWN: { status: 409, title: 'The request broke off, and whether it was done is not known' },
  PRECONDITION_FAILED: { status: 412, title: 'It was changed meanwhile' },

  // Consents
  WORKER_CODE_INVALID: { status: 400, title: 'The code is mistyped' },
  WORKER_CODE_UNKNOWN: { status: 404, title: 'No worker has this code' },

  // Organisations and duties
  NAME_TAKEN: { status: 409, title: 'There is one of this name' },
  ACCOUNT_UNKNOWN: { status: 404, title: 'No account has this email' },
  DUTY_TAKEN: { status: 409, title: 'The account has such a duty already' },

  // Enrolment of routers
  CLAIM_CODE_INVALID: { status: 400, title: 'The code is mistyped' },
  CLAIM_CODE_UNKNOWN: { status: 404, title: 'No router shows this code' },
  CLAIM_CODE_EXPIRED: { status: 410, title: 'The code is no longer valid' },
  ROUTER_ENROLLED_ELSEWHERE: { status: 409, title: 'The router belongs to another household' },
  KEY_REVOKED: { status: 403, title: 'Nothing is enrolled with this key any more' },
  CERTIFICATE_TOO_OLD: { status: 410, title: 'The certificate expired too long ago' },
  MANIFEST_INVALID: { status: 500, title: 'The manifest is none, or not signed by a provider that is known' },
  ROUTER_UNKNOWN: { status: 404, title: 'No router has this id' },

  // The edge, where a connection ends with it
  TOPIC_FORBIDDEN: { status: 500, title: 'The router may not publish or hear this topic' },
  MESSAGE_TOO_LARGE: { status: 500, title: 'The message is too large' },
  CERTIFICATE_EXPIRED: { status: 500, title: 'The certificate of the router has ended' },
  CONNECTION_LOST: { status: 500, title: 'The connection ended' },
  EDGE_NOT_STARTED: { status: 500, title: 'The edge is not started' },

  // The cloud itself
  RIGHT_MISSING: { status: 500, title: 'A route does not say which right it needs' },
  UNEXPECTED: { status: 500, title: 'Something went wrong' },
  UNAVAILABLE: { status: 503, title: 'The service is starting or stopping' },
  POLICY_INVALID: { status: 500, title: 'The rules do not make a valid policy' },
  DOCUMENT_VERSION_ABSURD: {
    status: 500,
    title: 'A router says it has a version that was never counted up to',
  },
  ZONE_UNKNOWN: { status: 500, title: 'No time zone has this name' },
  HOSTS_MISSING: { status: 500, title: 'A server certificate names at least one host' },
  SECRET_LOST: { status: 500, title: 'A secret is not there after it was made' },
  LIST_UNREADABLE: { status: 500, title: 'The list cannot be read' },
  USAGE: { status: 500, title: 'The command is used differently' },
  BACKUP_UNREADABLE: { status: 500, title: 'The backup cannot be read' },
  BACKUP_INCOMPLETE: { status: 500, title: 'The backup breaks off' },
  BACKUP_NEWER: { status: 500, title: 'The backup was made by a newer version' },
  BACKUP_VALUE: { status: 500, title: 'A value cannot be put into a backup' },
  BACKUP_EXISTS: { status: 500, title: 'There is a file of this name' },
  RESTORE_NOT_EMPTY: { status: 500, title: 'The database holds data' },
  CONFIG_INVALID: { status: 500, title: 'The configuration is not valid' },
  STORE_UNREADABLE: { status: 500, title: 'The database cannot be opened' },
  STORE_UNAVAILABLE: { status: 503, title: 'The database does not answer; try again' },
  STORE_UNSUITABLE: { status: 500, title: 'The database compares or encodes texts in another way' },
  NUMBER_UNSAFE: { status: 500, title: 'A number of the database is too large to be exact' },
  STORE_NEWER: { status: 500, title: 'The database was written by a newer version' },
  STORE_MIGRATION_FAILED: { status: 500, title: 'The database cannot be brought to the newest form' },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof errorCatalogue;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}
