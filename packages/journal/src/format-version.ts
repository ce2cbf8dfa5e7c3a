import { decodeCbor, OnefoldError } from '@onefold/protocol';

/**
 * Throws `unsupported-version` for a header or link of a newer format or of a type that did not exist when this was written, so that a client
 * stops and asks for an update and accuses nobody. Anything else about the bytes is left to the schema.
 */
export function requireFormat(bytes: Uint8Array, types: readonly string[]): void {
  const raw = decodeCbor(bytes);
  if (typeof raw !== 'object' || raw === null) return;
  const { format, type } = raw as { format?: unknown; type?: unknown };
  const isNewer = typeof format === 'number' && format > 1;
  if (isNewer || (typeof type === 'string' && !types.includes(type))) {
    throw new OnefoldError('unsupported-version', 'written by a newer version');
  }
}
