import { OnefoldError } from '@onefold/protocol';
import { doesNotOpen } from './committed-aead.ts';
import { systemRandom, type RandomBytes } from './key-derivation.ts';
import type { NamespaceKeys } from './namespace-keys.ts';
import { openPart, sealPart, unknownFields, type PartPosition, type UnknownFields } from './sealed-part.ts';

export interface Attributes {
  /** Modification time in nanoseconds since 1970, may be negative. Regular files only. */
  readonly mtimeNs?: bigint;
  /** The twelve permission bits, 0 to 0o7777. */
  readonly mode?: number;
  /** When the author made this version, milliseconds since 1970 by the author's clock. */
  readonly authoredAtMs: number;
  /** Extended attributes: exact bytes of name and value. */
  readonly xattrs?: readonly (readonly [name: Uint8Array, value: Uint8Array])[];
  readonly unknown?: UnknownFields;
}

const KNOWN = ['mtime', 'mode', 'authoredAt', 'xattrs'] as const;
const NS_PER_SECOND = 1_000_000_000n;

/** Throws `invalid-argument` for values out of range. */
export function sealAttributes(
  keys: NamespaceKeys,
  at: PartPosition,
  attributes: Attributes,
  random: RandomBytes = systemRandom,
): Uint8Array {
  const fields = { ...attributes.unknown, ...encodeAttributes(attributes) };
  if (readAttributes(fields) === undefined) throw new OnefoldError('invalid-argument', 'attributes out of range');
  return sealPart(keys.epoch(at.epoch).attributesKey, 'attributes', keys.namespaceId, at, fields, random);
}

/** Throws `seal-corrupt`. */
export function openAttributes(keys: NamespaceKeys, at: PartPosition, sealed: Uint8Array): Attributes {
  const fields = openPart(keys.epoch(at.epoch).attributesKey, 'attributes', keys.namespaceId, at, sealed);
  const attributes = readAttributes(fields);
  if (attributes === undefined) throw doesNotOpen();
  return attributes;
}

/** mtime is [seconds, nanoseconds of the second]: neither a double nor an int of 53 bits holds it whole. */
function encodeAttributes({ mtimeNs, mode, authoredAtMs, xattrs }: Attributes): Record<string, unknown> {
  const nanos = mtimeNs === undefined ? undefined : ((mtimeNs % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  const mtime =
    mtimeNs === undefined || nanos === undefined
      ? undefined
      : [Number((mtimeNs - nanos) / NS_PER_SECOND), Number(nanos)];
  return { mtime, mode, authoredAt: authoredAtMs, xattrs };
}

function readAttributes(fields: Record<string, unknown>): Attributes | undefined {
  const { mtime, mode, authoredAt, xattrs } = fields;
  if (!isSafeInteger(authoredAt)) return undefined;
  const mtimeNs = mtime === undefined ? undefined : readTime(mtime);
  if (mtimeNs === undefined && mtime !== undefined) return undefined;
  if (mode !== undefined && (!isSafeInteger(mode) || mode < 0 || mode > 0o7777)) return undefined;
  if (xattrs !== undefined && !isXattrs(xattrs)) return undefined;
  return {
    ...(mtimeNs === undefined ? {} : { mtimeNs }),
    ...(mode === undefined ? {} : { mode }),
    authoredAtMs: authoredAt,
    ...(xattrs === undefined ? {} : { xattrs }),
    ...unknownFields(fields, KNOWN),
  };
}

function readTime(value: unknown): bigint | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [seconds, nanos] = value as [unknown, unknown];
  if (!isSafeInteger(seconds) || !isSafeInteger(nanos) || nanos < 0 || nanos > 999_999_999) return undefined;
  return BigInt(seconds) * NS_PER_SECOND + BigInt(nanos);
}

function isXattrs(value: unknown): value is [Uint8Array, Uint8Array][] {
  return (
    Array.isArray(value) &&
    value.every(
      (pair) => Array.isArray(pair) && pair.length === 2 && pair.every((bytes) => bytes instanceof Uint8Array),
    )
  );
}

function isSafeInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
