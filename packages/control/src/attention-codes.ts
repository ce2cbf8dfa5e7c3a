import { ERROR_REACTIONS } from '@onefold/protocol';
import type { ErrorCode } from '@onefold/protocol';

/** Codes that go on by themselves and still are shown once they last: the person may be able to help. */
const LASTING: readonly ErrorCode[] = [
  'disk-full',
  'disk-error',
  'watch-limit',
  'key-missing',
  'file-busy',
  'server-full',
];

/** Every code an attention item may carry: what a UI must have words for. */
export const ATTENTION_CODES: readonly ErrorCode[] = (Object.keys(ERROR_REACTIONS) as ErrorCode[]).filter(
  (code) => ERROR_REACTIONS[code] === 'ask-user' || ERROR_REACTIONS[code] === 'security' || LASTING.includes(code),
);
