import { sha256 } from '@onefold/journal';
import {
  bytesSchema,
  concatBytes,
  countSchema,
  decodeWire,
  deviceIdCodec,
  encodeCbor,
  encodeWire,
  fixedBytes,
  fromHex,
  hashCodec,
  userIdCodec,
} from '@onefold/protocol';
import { z } from 'zod';
import { doesNotOpen, openCommitted, sealCommitted } from './committed-aead.ts';
import type { RandomBytes } from './key-derivation.ts';

/*
 * What two devices say to each other while one is linked, in this order:
 *
 *   old 0  offer    whose account, the end of its chain, and a commitment to the old device's number
 *   new 0  request  the new device's id, keys, name and number
 *   old 1  reveal   the old device's number: from here on both can show the check words
 *   old 2  link     the add-device link to sign, once a person has approved; again (old 3 ...) when the chain grew meanwhile
 *   new 1  signed   its signature (new 2 ... likewise)
 *   old n  added    the link stands in the chain
 *
 * Each is sealed under the key of its side, with side, number and the hash of the messages before it as associated data, so that none can be
 * changed, turned back on its sender, moved, or taken from another linking.
 */

const nameSchema = z.string().min(1).max(200);
const nonceSchema = fixedBytes(32);

export const offerSchema = z.object({
  format: z.literal(1),
  user: userIdCodec,
  email: z.string().max(254),
  deviceName: nameSchema,
  end: z.object({ n: countSchema, hash: hashCodec }),
  /** SHA-256("onefold/linking/v1/nonce" || nonce). */
  commitment: fixedBytes(32),
});
export const requestSchema = z.object({
  device: deviceIdCodec,
  signingKey: fixedBytes(32),
  boxKey: fixedBytes(32),
  deviceName: nameSchema,
  nonce: nonceSchema,
});
export const revealSchema = z.object({ nonce: nonceSchema });
export const decisionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sign'), link: bytesSchema }),
  z.object({ kind: z.literal('added'), end: z.object({ n: countSchema, hash: hashCodec }) }),
]);
export const signedSchema = z.object({ signature: fixedBytes(64) });

export type LinkingOffer = z.infer<typeof offerSchema>;
export type LinkingJoin = z.infer<typeof requestSchema>;

/** Where a message stands. */
export interface LinkingPosition {
  readonly side: 'old' | 'new';
  /** Number among the messages of its side. */
  readonly index: number;
  /** `transcriptOf` the messages it answers. */
  readonly transcript: Uint8Array;
}

/** Messages are padded to multiples of this, with a length of four bytes before: names do not show. */
const UNIT_BYTES = 1_024;

export function sealMessage<S extends z.ZodType>(
  key: Uint8Array,
  at: LinkingPosition,
  schema: S,
  value: z.output<S>,
  random: RandomBytes,
): Uint8Array {
  const bytes = encodeWire(schema, value);
  const padded = new Uint8Array(Math.ceil((4 + bytes.length) / UNIT_BYTES) * UNIT_BYTES);
  new DataView(padded.buffer).setUint32(0, bytes.length);
  padded.set(bytes, 4);
  return sealCommitted(key, associatedData(at), padded, random);
}

/** Throws `seal-corrupt` for anything but what `sealMessage` made for this place. */
export function openMessage<S extends z.ZodType>(
  key: Uint8Array,
  at: LinkingPosition,
  schema: S,
  sealed: Uint8Array,
): z.output<S> {
  const padded = openCommitted(key, associatedData(at), sealed);
  const length = padded.length < 4 ? -1 : new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (length < 0 || length > padded.length - 4) throw doesNotOpen();
  return decodeWire(schema, padded.slice(4, 4 + length), 'seal-corrupt');
}

/** SHA-256 over the messages in order, each behind its length. */
export function transcriptOf(...messages: readonly Uint8Array[]): Uint8Array {
  const label = Buffer.from('onefold/linking/v1/transcript', 'ascii');
  return fromHex(sha256(label, encodeCbor(messages)));
}

export function nonceCommitment(nonce: Uint8Array): Uint8Array {
  return fromHex(sha256(Buffer.from('onefold/linking/v1/nonce', 'ascii'), nonce));
}

function associatedData({ side, index, transcript }: LinkingPosition): Uint8Array {
  return concatBytes(encodeCbor([1, 'linking', side, index]), transcript);
}
