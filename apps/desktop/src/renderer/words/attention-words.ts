import type { en } from './en.ts';

type CodeKey = keyof typeof en.attention.codes;

const PLAIN_CODES = [
  'conflict-copy',
  'mass-change',
  'never-downloaded',
  'access-denied',
  'read-only',
  'name-too-long',
  'name-illegal',
  'other-disk',
  'mount-point',
  'special-file',
  'case-twin',
  'ignored-in-the-way',
  'file-busy',
  'disk-full',
  'disk-error',
  'watch-limit',
  'root-missing',
  'root-replaced',
  'volume-missing',
  'quota-exceeded',
  'server-full',
  'nested-too-deep',
  'change-refused',
  'content-lost',
  'server-restored',
  'key-missing',
  'node-quarantined',
  'device-cloned',
  'state-corrupt',
  'login-failed',
  'device-revoked',
  'account-deleted',
] as const satisfies readonly CodeKey[];

/** Someone lied: one sentence for all of them, the code itself is for `onefold doctor`. */
const SECURITY_CODES = [
  'block-corrupt',
  'seal-corrupt',
  'pack-corrupt',
  'cbor-invalid',
  'signature-invalid',
  'chain-invalid',
  'journal-fork',
  'journal-rollback',
  'journal-invalid',
  'kdf-refused',
];

/** @returns the key of the words for a code, or null for a code of a newer daemon */
export function attentionKey(code: string): `attention.codes.${CodeKey}` | null {
  const plain = PLAIN_CODES.find((known) => known === code);
  if (plain !== undefined) return `attention.codes.${plain}`;
  return SECURITY_CODES.includes(code) ? 'attention.codes.security' : null;
}
