import type { ErrorCode } from '@onefold/protocol';

/** What the simulated kernel answers instead of doing as asked: an errno, as the engine's own error code. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code:
    ErrorCode | 'exists' | 'missing' | 'not-folder' | 'is-folder' | 'not-empty' | 'cross-volume' | 'into-itself';

  constructor(code: DiskError['code'], path: string) {
    super(`${code}: ${path}`);
    this.code = code;
  }
}

/** The engine's code for an errno that is no expected state. */
export function errorCodeOf(error: DiskError): ErrorCode {
  switch (error.code) {
    case 'exists':
    case 'missing':
    case 'not-folder':
    case 'is-folder':
    case 'not-empty':
      return 'precondition-failed';
    case 'cross-volume':
    case 'into-itself':
      return 'invalid-argument';
    default:
      return error.code;
  }
}
