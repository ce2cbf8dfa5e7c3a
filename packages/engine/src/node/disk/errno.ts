import { OnefoldError, toOnefoldError, type ErrorCode } from '@onefold/protocol/plain';

/** What the system calls an error, and what the product does. Everything not listed is `disk-error`. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EIO: 'disk-error',
  EACCES: 'access-denied',
  EPERM: 'access-denied',
  EBUSY: 'file-busy',
  ETXTBSY: 'file-busy',
  EAGAIN: 'file-busy',
  EMFILE: 'too-many-open-files',
  ENFILE: 'too-many-open-files',
  EROFS: 'read-only',
  ENAMETOOLONG: 'name-too-long',
  EINVAL: 'name-illegal',
  EILSEQ: 'name-illegal',
  EXDEV: 'other-disk',
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  ELOOP: 'precondition-failed',
  ENOTEMPTY: 'precondition-failed',
  EEXIST: 'precondition-failed',
  EISDIR: 'precondition-failed',
  ENODEV: 'volume-missing',
  ENXIO: 'volume-missing',
  ESTALE: 'volume-missing',
  ENOTCONN: 'volume-missing',
};

/** The system's own name of an error (`ENOENT`), or undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function diskErrorCode(error: unknown): ErrorCode {
  if (error instanceof OnefoldError) return error.code;
  return CODES[errnoOf(error) ?? ''] ?? 'disk-error';
}

/** Wraps what a file system call threw. The message names no path. */
export function diskError(error: unknown): OnefoldError {
  if (error instanceof OnefoldError) return error;
  const code = diskErrorCode(error);
  return new OnefoldError(code, `disk: ${errnoOf(error) ?? toOnefoldError(error).message}`, { cause: error });
}

export function isMissing(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}
