import type { ErrorCode } from '@onefold/protocol';

/** Id of the one word about everything that does not fit. */
export const NO_ROOM = 'no-room';

/** The server refused for lack of room: nothing of it was kept. */
export function isNoRoom(code: ErrorCode): boolean {
  return code === 'quota-exceeded' || code === 'server-full';
}
