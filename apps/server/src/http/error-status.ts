import type { ErrorCode } from '@onefold/protocol';

const STATUS: Partial<Record<ErrorCode, number>> = {
  'invalid-argument': 400,
  'cbor-invalid': 400,
  'unsupported-version': 400,
  'protocol-mismatch': 400,
  'session-expired': 401,
  'login-failed': 401,
  'signature-invalid': 403,
  'device-cloned': 409,
  'journal-fork': 409,
  forbidden: 403,
  'device-revoked': 403,
  'not-found': 404,
  'timed-out': 408,
  'account-exists': 409,
  'chain-conflict': 409,
  'commit-conflict': 409,
  behind: 409,
  'blocks-missing': 409,
  'account-deleted': 410,
  'upload-expired': 410,
  'body-too-large': 413,
  'block-too-large': 413,
  'quota-exceeded': 413,
  'nested-too-deep': 413,
  'pack-corrupt': 422,
  'journal-invalid': 422,
  'chain-invalid': 422,
  'login-throttled': 429,
  'too-many-requests': 429,
  'server-error': 503,
  'server-full': 507,
};

/** HTTP status of an error code; what no caller can cause is 500. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code] ?? 500;
}
