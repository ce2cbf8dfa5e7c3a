import { z } from 'zod';
import { decodeCanonicalCbor, decodeCbor, encodeCbor } from './cbor.ts';
import { OnefoldError, type ErrorCode } from './errors.ts';

/** Value to deterministic CBOR through its schema (ids become raw bytes). Throws `invalid-argument` for a value outside the schema. */
export function encodeWire<S extends z.ZodType>(schema: S, value: z.output<S>): Uint8Array {
  const result = z.safeEncode(schema, value);
  if (!result.success) throw new OnefoldError('invalid-argument', z.prettifyError(result.error));
  return encodeCbor(result.data);
}

/** CBOR bytes to a checked value. Throws `cbor-invalid`, or `code` when the bytes decode but do not fit the schema. */
export function decodeWire<S extends z.ZodType>(
  schema: S,
  bytes: Uint8Array,
  code: ErrorCode = 'cbor-invalid',
): z.output<S> {
  return checked(schema, decodeCbor(bytes), code);
}

/**
 * As decodeWire, for signed and hashed things: refuses any but the deterministic encoding, and throws `unsupported-version` for a
 * critical field this version does not know. (Unknown fields that are not critical are left out of the value.)
 */
export function decodeCanonicalWire<S extends z.ZodType>(
  schema: S,
  bytes: Uint8Array,
  code: ErrorCode = 'cbor-invalid',
): z.output<S> {
  const raw = decodeCanonicalCbor(bytes);
  if (hasCriticalField(raw))
    throw new OnefoldError('unsupported-version', 'a field that must be understood is not known here');
  return checked(schema, raw, code);
}

/** Critical fields have names that begin with "!". Version 1 knows none, so that any is an unknown one. */
export function hasCriticalField(raw: unknown): boolean {
  if (typeof raw !== 'object' || raw === null || raw instanceof Uint8Array) return false;
  if (Array.isArray(raw)) return raw.some(hasCriticalField);
  for (const name in raw) {
    if (name.startsWith('!') || hasCriticalField((raw as Record<string, unknown>)[name])) return true;
  }
  return false;
}

function checked<S extends z.ZodType>(schema: S, raw: unknown, code: ErrorCode): z.output<S> {
  const result = schema.safeParse(raw);
  if (!result.success) throw new OnefoldError(code, z.prettifyError(result.error));
  return result.data;
}
