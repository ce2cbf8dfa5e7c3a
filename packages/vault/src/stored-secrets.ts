import { decodeWire, OnefoldError } from '@onefold/protocol';
import type { z } from 'zod';

/** Reads what the key store kept. Throws `state-corrupt` for bytes that are not it. */
export function decodeStored<S extends z.ZodType>(schema: S, bytes: Uint8Array): z.output<S> {
  try {
    return decodeWire(schema, bytes);
  } catch (cause) {
    throw new OnefoldError('state-corrupt', 'stored secrets cannot be read', { cause });
  }
}
