import { z } from 'zod';
import { OnefoldError } from './errors.ts';

declare const brand: unique symbol;
type Branded<B extends string> = string & { readonly [brand]: B };

/*
 * In memory every id is lowercase hex, so that it can be a map key; on the wire it is raw bytes.
 * The codecs below are the one place that translates.
 */
export type UserId = Branded<'UserId'>; // 16 bytes
export type DeviceId = Branded<'DeviceId'>; // 16 bytes
export type NodeId = Branded<'NodeId'>; // 16 bytes
export type OpId = Branded<'OpId'>; // 16 bytes
export type UploadId = Branded<'UploadId'>; // 16 bytes
export type PackId = Branded<'PackId'>; // 16 bytes
export type NamespaceId = Branded<'NamespaceId'>; // 32 bytes
export type Hash = Branded<'Hash'>; // 32 bytes, SHA-256
export type CtHash = Branded<'CtHash'>; // 32 bytes, SHA-256 of a sealed block
export type BlockId = Branded<'BlockId'>; // 32 bytes, HMAC-SHA256 of a plaintext block; members only
export type ContentId = Branded<'ContentId'>; // 32 bytes, SHA-256 over ordered (blockId, plainLength)
export type NameTag = Branded<'NameTag'>; // 32 bytes, HMAC-SHA256 of parent and name

/** The folder that every top-level node has as its parent. Never a node itself. */
export const ROOT_NODE = '00000000000000000000000000000000' as NodeId;

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lowercase hex of any bytes. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** Bytes of a lowercase or uppercase hex text. Throws `invalid-argument` for anything else. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
    throw new OnefoldError('invalid-argument', 'not a hex text');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** True for lowercase hex of exactly `byteLength` bytes: the in-memory shape of an id. */
export function isHexId(text: string, byteLength: number): boolean {
  return text.length === byteLength * 2 && /^[0-9a-f]*$/.test(text);
}

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
