import { z } from 'zod';
import {
  bytesSchema,
  countSchema,
  deviceIdCodec,
  fixedBytes,
  hashCodec,
  namespaceIdCodec,
  userIdCodec,
} from './ids.ts';

/*
 * A user chain is an append-only list of links. `link` is the exact CBOR bytes {format, user, n, prevHash, type, body}; every signature is
 * Ed25519(key, "onefold/chain/v1" || link). linkHash = SHA-256(link || signatures in order); prevHash of link 0 is 32 zero bytes.
 */

export const chainLinkTypeSchema = z.enum([
  'root',
  'add-device',
  'countersign',
  'name-device',
  'revoke-device',
  'rotate',
  'pin-namespace',
  'mark',
  'recover',
  'accept-recovery',
]);
export type ChainLinkType = z.infer<typeof chainLinkTypeSchema>;

/** Who signed: the recovery phrase's key, a device, or the user keys of a generation. */
export const signerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('phrase') }),
  z.object({ kind: z.literal('device'), device: deviceIdCodec }),
  z.object({ kind: z.literal('generation'), generation: z.int().min(1) }),
]);
export type ChainSigner = z.infer<typeof signerSchema>;

export const chainSignatureSchema = z.object({ signer: signerSchema, signature: fixedBytes(64) });

/** What travels and is stored, verbatim. */
export const signedLinkSchema = z.object({
  link: bytesSchema,
  signatures: z.array(chainSignatureSchema).min(1).max(4),
});
export type SignedLink = z.infer<typeof signedLinkSchema>;

export const chainLinkSchema = z.object({
  format: z.literal(1),
  user: userIdCodec,
  n: countSchema,
  prevHash: hashCodec,
  type: chainLinkTypeSchema,
  body: z.record(z.string(), z.unknown()),
});
export type ChainLink = z.infer<typeof chainLinkSchema>;

/** Public half of the user keys of one generation: an X25519 box key and an Ed25519 signing key. */
export const generationKeysSchema = z.object({
  generation: z.int().min(1),
  boxKey: fixedBytes(32),
  signingKey: fixedBytes(32),
});
export type GenerationKeys = z.infer<typeof generationKeysSchema>;

export const rootBodySchema = z.object({
  phraseSigningKey: fixedBytes(32),
  phraseBoxKey: fixedBytes(32),
  loginBoxKey: fixedBytes(32),
  keys: generationKeysSchema,
});
/** `sealedName` is sealed to the user keys of `generation`. */
export const addDeviceBodySchema = z.object({
  device: deviceIdCodec,
  signingKey: fixedBytes(32),
  boxKey: fixedBytes(32),
  generation: z.int().min(1),
  sealedName: bytesSchema,
});
export const countersignBodySchema = z.object({ device: deviceIdCodec });
/** A device's new name, sealed to the user keys of `generation`. */
export const nameDeviceBodySchema = z.object({
  device: deviceIdCodec,
  generation: z.int().min(1),
  sealedName: bytesSchema,
});
export const revokeDeviceBodySchema = z.object({ device: deviceIdCodec });
/** Opens the next generation. `loginBoxKey` when password or Secret Key changed with it; absent = the one before stays. */
export const rotateBodySchema = z.object({ keys: generationKeysSchema, loginBoxKey: fixedBytes(32).optional() });
/** `own` is the account's own namespace (exactly one); `named` ones carry a sealed name. `role` lets a client refuse a planted namespace. */
export const pinNamespaceBodySchema = z.object({
  namespaceId: namespaceIdCodec,
  use: z.enum(['own', 'named']),
  generation: z.int().min(1),
  sealedName: bytesSchema,
});

/** How far a device has seen a namespace: position n and H_n. */
export const markSchema = z.object({ namespaceId: namespaceIdCodec, seq: countSchema, hash: hashCodec });
/** In the account namespace's journal for the account's namespaces, in the user chain for shared ones. */
export const markBodySchema = z.object({ marks: z.array(markSchema).min(1).max(1_000) });
/**
 * By the recovery phrase alone. Links above `validUpTo` and below this one no longer count, nor do any earlier devices but those in `keep`.
 * `keys` is the next generation after every one the chain has named. `phrase` when a new recovery phrase replaces the one used.
 */
export const recoverBodySchema = z.object({
  validUpTo: countSchema,
  keys: generationKeysSchema,
  loginBoxKey: fixedBytes(32),
  phrase: z.object({ signingKey: fixedBytes(32), boxKey: fixedBytes(32) }).optional(),
  device: addDeviceBodySchema,
  keep: z.array(deviceIdCodec).max(1_000),
});
/** A person confirmed that the server was restored: the namespace continues from the new position. */
export const acceptRecoveryBodySchema = z.object({
  namespaceId: namespaceIdCodec,
  oldSeq: countSchema,
  oldHash: hashCodec,
  newSeq: countSchema,
  newHash: hashCodec,
  recoveryEpoch: countSchema,
});

export type RootBody = z.infer<typeof rootBodySchema>;
export type AddDeviceBody = z.infer<typeof addDeviceBodySchema>;
export type CountersignBody = z.infer<typeof countersignBodySchema>;
export type NameDeviceBody = z.infer<typeof nameDeviceBodySchema>;
export type RevokeDeviceBody = z.infer<typeof revokeDeviceBodySchema>;
export type RotateBody = z.infer<typeof rotateBodySchema>;
export type PinNamespaceBody = z.infer<typeof pinNamespaceBodySchema>;
export type Mark = z.infer<typeof markSchema>;
export type MarkBody = z.infer<typeof markBodySchema>;
export type RecoverBody = z.infer<typeof recoverBodySchema>;
export type AcceptRecoveryBody = z.infer<typeof acceptRecoveryBodySchema>;
