import { ERROR_REACTIONS, type ErrorCode } from '@onefold/protocol';

/** What `onefold` ends with. Stable: scripts rely on the numbers. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  attention: 3,
  offline: 4,
  notLoggedIn: 5,
  daemonNotRunning: 6,
  timedOut: 7,
  paused: 8,
  security: 9,
} as const;

export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done, or everything is in step',
  failed: 'the command failed; the message says why',
  usage: 'the command line was not understood',
  attention: 'something needs a person (see "onefold status")',
  offline: 'the server cannot be reached',
  notLoggedIn: 'this device is not logged in, or e-mail, password or kit are wrong',
  daemonNotRunning: 'the daemon of this home does not run ("onefold daemon" starts it)',
  timedOut: 'time was up before it was done',
  paused: 'syncing is paused',
  security: 'a signature, hash or key was wrong: nothing of it was used',
};

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  usage: EXIT.usage,
  'invalid-argument': EXIT.usage,
  'server-unreachable': EXIT.offline,
  'timed-out': EXIT.offline,
  'protocol-mismatch': EXIT.offline,
  'not-logged-in': EXIT.notLoggedIn,
  'login-failed': EXIT.notLoggedIn,
  'login-throttled': EXIT.notLoggedIn,
  'daemon-not-running': EXIT.daemonNotRunning,
  timeout: EXIT.timedOut,
};

/** Exit code of a command that ended with this error code. */
export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code] ?? (ERROR_REACTIONS[code] === 'security' ? EXIT.security : EXIT.failed);
}

/** The text of `onefold help exit-codes`. */
export function describeExitCodes(): string {
  const exits = (Object.keys(EXIT) as (keyof typeof EXIT)[]).map(
    (name) => `  ${String(EXIT[name]).padEnd(4)} ${EXIT_MEANINGS[name]}`,
  );
  const codes = (Object.keys(ERROR_REACTIONS) as ErrorCode[])
    .sort()
    .map((code) => `  ${code.padEnd(24)} ${ERROR_REACTIONS[code].padEnd(10)} exit ${exitCodeOf(code)}`);
  return ['Exit codes', ...exits, '', 'Error codes, what is done about them, and the exit code', ...codes, ''].join(
    '\n',
  );
}
