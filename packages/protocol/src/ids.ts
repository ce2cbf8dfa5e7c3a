import { z } from 'zod';
import {
  fromHex,
  isHexId,
  toHex,
  type CtHash,
  type DeviceId,
  type Hash,
  type NameTag,
  type NamespaceId,
  type NodeId,
  type OpId,
  type PackId,
  type UploadId,
  type UserId,
} from './hex-ids.ts';

export const bytesSchema: z.ZodType<Uint8Array, Uint8Array> = z.instanceof(Uint8Array);

/** Exactly `length` raw bytes. */
export function fixedBytes(length: number): z.ZodType<Uint8Array, Uint8Array> {
  return bytesSchema.refine((bytes) => bytes.length === length, `expected ${length} bytes`);
}

function idCodec<T extends string>(byteLength: number) {
  const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === byteLength);
  const text = z.custom<T>((value) => typeof value === 'string' && isHexId(value, byteLength));
  return z.codec(bytes, text, { decode: (raw) => toHex(raw) as T, encode: (id) => fromHex(id) });
}

export const userIdCodec = idCodec<UserId>(16);
export const deviceIdCodec = idCodec<DeviceId>(16);
export const nodeIdCodec = idCodec<NodeId>(16);
export const opIdCodec = idCodec<OpId>(16);
export const uploadIdCodec = idCodec<UploadId>(16);
export const packIdCodec = idCodec<PackId>(16);
export const namespaceIdCodec = idCodec<NamespaceId>(32);
export const hashCodec = idCodec<Hash>(32);
export const ctHashCodec = idCodec<CtHash>(32);
export const nameTagCodec = idCodec<NameTag>(32);

/** A non-negative integer that a double holds exactly. */
export const countSchema = z.int().min(0);
