import { attentionKey } from './attention-words.ts';
import type { en } from './en.ts';

type ErrorKey = Exclude<keyof typeof en.errors, 'title' | 'other'>;

const WORDED = [
  'not-found',
  'root-in-use',
  'root-nested',
  'root-state-inside',
  'root-missing',
  'root-replaced',
  'access-denied',
  'read-only',
  'disk-full',
  'disk-error',
  'name-illegal',
  'name-too-long',
  'daemon-not-running',
  'invalid-argument',
  'server-unreachable',
  'precondition-failed',
  'file-busy',
  'blocks-missing',
  'too-large',
  'login-failed',
  'login-throttled',
  'account-exists',
  'quota-exceeded',
  'forbidden',
  'home-locked',
  'device-revoked',
  'account-deleted',
] as const satisfies readonly ErrorKey[];

/** What checks advise against is what helps here, too. */
const ADVISED = ['captive-portal', 'certificate-untrusted', 'protocol-mismatch'] as const;

/** Different for whoever runs the server, and one thing to whoever waits for it. */
const SERVER_TROUBLES = [
  'server-error',
  'server-answer-invalid',
  'server-full',
  'server-restored',
  'too-many-requests',
  'timed-out',
  'timeout',
];

/** @returns the key of the words for a failed call, or null for what only its own message tells */
export function failureKey(code: string) {
  const known = WORDED.find((worded) => worded === code);
  if (known !== undefined) return `errors.${known}` as const;
  const advised = ADVISED.find((one) => one === code);
  if (advised !== undefined) return `checks.server.${advised}` as const;
  if (SERVER_TROUBLES.includes(code)) return 'errors.server-trouble' as const;
  return attentionKey(code);
}
