/** What the holder of an error does next. The only thing retry logic may read. */
export type Reaction = 'retry' | 'back-off' | 'ask-user' | 'stop' | 'security';

/**
 * Every error code of the product, with its reaction. Closed: a code that is not here does not exist.
 *
 * - `retry`: try again soon, something transient moved underneath.
 * - `back-off`: try again with growing, jittered delays.
 * - `ask-user`: parked until a person decides or changes something.
 * - `stop`: the operation can never succeed as asked.
 * - `security`: someone lied; nothing of it is applied and the user is told.
 */
export const ERROR_REACTIONS = {
  // input and use
  'invalid-argument': 'stop',
  usage: 'stop',
  'not-found': 'stop',
  'unsupported-version': 'stop',
  'unsupported-runtime': 'stop',
  internal: 'stop',
  // sealed and signed things
  'block-corrupt': 'security',
  'block-too-large': 'stop',
  'seal-corrupt': 'security',
  'pack-corrupt': 'security',
  'cbor-invalid': 'security',
  'signature-invalid': 'security',
  'chain-invalid': 'security',
  'journal-fork': 'security',
  'journal-rollback': 'security',
  'journal-invalid': 'security',
  'kdf-refused': 'security',
  'key-missing': 'back-off',
  'node-quarantined': 'ask-user',
  // account and login
  'login-failed': 'ask-user',
  'login-throttled': 'back-off',
  'account-exists': 'stop',
  'device-revoked': 'stop',
  'account-deleted': 'stop',
  'session-expired': 'retry',
  forbidden: 'stop',
  // talking to the server
  'server-unreachable': 'back-off',
  'server-error': 'back-off',
  'server-answer-invalid': 'back-off',
  'too-many-requests': 'back-off',
  'timed-out': 'back-off',
  'captive-portal': 'back-off',
  'protocol-mismatch': 'back-off',
  'certificate-untrusted': 'back-off',
  'body-too-large': 'stop',
  'quota-exceeded': 'ask-user',
  'server-restored': 'ask-user',
  'server-full': 'back-off',
  // committing
  'commit-conflict': 'retry',
  'chain-conflict': 'retry',
  'upload-expired': 'retry',
  'blocks-missing': 'retry',
  'content-lost': 'ask-user',
  behind: 'retry',
  'nested-too-deep': 'ask-user',
  'change-refused': 'ask-user',
  paused: 'retry',
  // the local disk
  'disk-full': 'back-off',
  'disk-error': 'back-off',
  'access-denied': 'ask-user',
  'file-busy': 'back-off',
  'too-many-open-files': 'back-off',
  'read-only': 'ask-user',
  'name-too-long': 'ask-user',
  'name-illegal': 'ask-user',
  'other-disk': 'ask-user',
  'mount-point': 'ask-user',
  'file-changed': 'retry',
  'precondition-failed': 'retry',
  'special-file': 'ask-user',
  'case-twin': 'ask-user',
  'ignored-in-the-way': 'ask-user',
  // roots and guards
  'root-missing': 'ask-user',
  'root-replaced': 'ask-user',
  'root-in-use': 'stop',
  'root-nested': 'stop',
  'root-state-inside': 'stop',
  'volume-missing': 'ask-user',
  'mass-change': 'ask-user',
  'device-cloned': 'ask-user',
  'state-corrupt': 'ask-user',
  'state-newer': 'stop',
  'watch-limit': 'back-off',
  // what the user should look at
  'conflict-copy': 'ask-user',
  'never-downloaded': 'ask-user',
  // the daemon and its control surface
  'daemon-not-running': 'stop',
  'daemon-running': 'stop',
  'not-logged-in': 'stop',
  'home-locked': 'stop',
  timeout: 'stop',
} as const satisfies Record<string, Reaction>;

export type ErrorCode = keyof typeof ERROR_REACTIONS;

/** What crosses a process boundary in place of an error. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * The one error class. `code` says what happened, `reaction` what to do; the message is for people and is never parsed.
 * `details` holds structured, non-secret facts (paths, counts).
 */
export class OnefoldError extends Error {
  override readonly name = 'OnefoldError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get reaction(): Reaction {
    return ERROR_REACTIONS[this.code];
  }

  toReport(): ErrorReport {
    return { code: this.code, message: this.message };
  }
}

/** Whether the server has said that this device belongs to no account any more: nothing that is asked of it will ever be answered again. */
export function isOutOfAccount(code: ErrorCode): boolean {
  return code === 'device-revoked' || code === 'account-deleted';
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_REACTIONS, code);
}

/** Rebuilds an error from a report; an unknown code (a newer peer) becomes `server-answer-invalid`. */
export function fromReport(report: { readonly code: string; readonly message: string }): OnefoldError {
  return new OnefoldError(isErrorCode(report.code) ? report.code : 'server-answer-invalid', report.message);
}

/** Wraps anything thrown; an OnefoldError passes unchanged, all else becomes `fallback`. */
export function toOnefoldError(thrown: unknown, fallback: ErrorCode = 'internal'): OnefoldError {
  if (thrown instanceof OnefoldError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new OnefoldError(fallback, message, { cause: thrown });
}
