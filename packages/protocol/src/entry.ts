import { z } from 'zod';
import {
  bytesSchema,
  countSchema,
  ctHashCodec,
  deviceIdCodec,
  fixedBytes,
  hashCodec,
  namespaceIdCodec,
  nameTagCodec,
  nodeIdCodec,
  opIdCodec,
  userIdCodec,
} from './ids.ts';
import { LIMITS } from './limits.ts';

/*
 * A journal entry is `header` and `body`, both kept as the exact bytes the author signed over:
 *   signature  Ed25519(device key, "onefold/entry/v1" || header)
 *   header     names the body by changesHash = SHA-256(body)
 *   entryHash  SHA-256(header || signature)
 *   H_n        SHA-256(H_(n-1) || n as u64 big endian || entryHash);  H_0 = namespaceId = entryHash(genesis)
 * The schemas here say what those bytes mean; packages/journal says what is allowed.
 */

export const entryTypeSchema = z.enum(['genesis', 'member', 'epoch', 'pin', 'checkpoint', 'mark', 'changeset']);
export type EntryType = z.infer<typeof entryTypeSchema>;

/** Content-defined splitter of a namespace, frozen in its genesis. Sizes in bytes. */
export const splitterSchema = z.object({
  version: z.literal(1),
  min: z
    .int()
    .min(64)
    .max(64 * 1024 * 1024),
  mean: z
    .int()
    .min(64)
    .max(64 * 1024 * 1024),
  max: z
    .int()
    .min(64)
    .max(64 * 1024 * 1024),
});
export type SplitterSpec = z.infer<typeof splitterSchema>;

const headerCommon = {
  format: z.literal(1),
  epoch: countSchema,
  device: deviceIdCodec,
  /** Strictly increasing per (namespace, device); gaps are legal. */
  deviceSeq: countSchema,
  opId: opIdCodec,
  changesHash: hashCodec,
};

export const genesisHeaderSchema = z.object({
  ...headerCommon,
  type: z.literal('genesis'),
  splitter: splitterSchema,
});

export const laterHeaderSchema = z.object({
  ...headerCommon,
  type: entryTypeSchema.exclude(['genesis']),
  namespaceId: namespaceIdCodec,
  baseSeq: countSchema,
  baseHash: hashCodec,
});

export const headerSchema = z.discriminatedUnion('type', [genesisHeaderSchema, laterHeaderSchema]);
export type GenesisHeader = z.infer<typeof genesisHeaderSchema>;
export type LaterHeader = z.infer<typeof laterHeaderSchema>;
export type EntryHeader = z.infer<typeof headerSchema>;

/** A position in a user's chain: everything up to link `n`, whose hash is `hash`. */
export const pinSchema = z.object({ user: userIdCodec, n: countSchema, hash: hashCodec });
export type Pin = z.infer<typeof pinSchema>;

export const roleSchema = z.enum(['owner', 'editor', 'reader', 'removed']);
export type Role = z.infer<typeof roleSchema>;

/** A secret for one member: HPKE to the box key of the member's user keys of that generation. */
export const memberSecretSchema = z.object({ user: userIdCodec, generation: z.int().min(1), sealed: bytesSchema });
export type MemberSecret = z.infer<typeof memberSecretSchema>;

/** Entry 0. `secrets` seal the lifetime secret L and NSK_0; `commitment` binds NSK_0. The owner's chain is pinned at `pin`. */
export const genesisBodySchema = z.object({
  owner: userIdCodec,
  pin: pinSchema,
  commitment: fixedBytes(32),
  secrets: z.array(memberSecretSchema).min(1).max(16),
});
export const memberBodySchema = z.object({
  user: userIdCodec,
  role: roleSchema,
  pin: pinSchema,
  secrets: z.array(memberSecretSchema).max(16),
});
/** Opens epoch header.epoch + 1. `previous` is NSK_e sealed under NSK_(e+1). */
export const epochBodySchema = z.object({
  epoch: z.int().min(1),
  commitment: fixedBytes(32),
  previous: bytesSchema,
  secrets: z.array(memberSecretSchema).min(1).max(1_000),
});
export const pinBodySchema = z.object({ pin: pinSchema });

/**
 * State after entry `seq`, whose H is `hash`. `nodesRoot` is the root over all nodes; docs/FORMAT.md has the leaves. `devices` are [device, last deviceSeq,
 * seq of its last entry], `members` those who are not removed; both by ascending id.
 */
export const checkpointBodySchema = z.object({
  seq: countSchema,
  hash: hashCodec,
  epoch: countSchema,
  members: z.array(z.object({ user: userIdCodec, role: roleSchema, pin: pinSchema })).max(10_000),
  devices: z.array(z.tuple([deviceIdCodec, countSchema, countSchema])).max(10_000),
  nodes: countSchema,
  nodesRoot: hashCodec,
});

export const nodeKindSchema = z.enum(['file', 'folder', 'link', 'mount']);
export type NodeKind = z.infer<typeof nodeKindSchema>;

export const registerSchema = z.enum(['place', 'content', 'attributes']);
export type Register = z.infer<typeof registerSchema>;

const sealedPart = bytesSchema.refine((bytes) => bytes.length <= LIMITS.sealedPartBytes, 'sealed part too large');

/** A content register as the server sees it: which sealed blocks this version starts and stops to use, unordered. */
const contentPart = {
  added: z.array(z.tuple([ctHashCodec, z.int().min(1)])),
  dropped: z.array(ctHashCodec),
  sealed: sealedPart,
};

/** New node: all registers begin at version 1. Folders carry no content; files and links always do. */
export const createChangeSchema = z.object({
  op: z.literal('create'),
  node: nodeIdCodec,
  kind: nodeKindSchema,
  parent: nodeIdCodec,
  nameTag: nameTagCodec,
  place: sealedPart,
  content: z.object(contentPart).optional(),
  attributes: sealedPart.optional(),
});
/** Move, rename, delete (`hidden: true`) or restore. `base` is the register version replaced; the new one is base + 1. */
export const placeChangeSchema = z.object({
  op: z.literal('place'),
  node: nodeIdCodec,
  base: z.int().min(1),
  parent: nodeIdCodec,
  nameTag: nameTagCodec,
  hidden: z.boolean(),
  sealed: sealedPart,
});
export const contentChangeSchema = z.object({
  op: z.literal('content'),
  node: nodeIdCodec,
  base: z.int().min(1),
  ...contentPart,
});
/** `base` 0 when the node had no attributes yet. */
export const attributesChangeSchema = z.object({
  op: z.literal('attributes'),
  node: nodeIdCodec,
  base: countSchema,
  sealed: sealedPart,
});
export const changeSchema = z.discriminatedUnion('op', [
  createChangeSchema,
  placeChangeSchema,
  contentChangeSchema,
  attributesChangeSchema,
]);
export type CreateChange = z.infer<typeof createChangeSchema>;
export type PlaceChange = z.infer<typeof placeChangeSchema>;
export type ContentChange = z.infer<typeof contentChangeSchema>;
export type AttributesChange = z.infer<typeof attributesChangeSchema>;
export type Change = z.infer<typeof changeSchema>;

export const changesetBodySchema = z.object({ changes: z.array(changeSchema).min(1).max(LIMITS.changesPerEntry) });

export type GenesisBody = z.infer<typeof genesisBodySchema>;
export type MemberBody = z.infer<typeof memberBodySchema>;
export type EpochBody = z.infer<typeof epochBodySchema>;
export type PinBody = z.infer<typeof pinBodySchema>;
export type CheckpointBody = z.infer<typeof checkpointBodySchema>;
export type ChangesetBody = z.infer<typeof changesetBodySchema>;

/** What travels and is stored, verbatim. */
export const signedEntrySchema = z.object({ header: bytesSchema, signature: fixedBytes(64), body: bytesSchema });
export type SignedEntry = z.infer<typeof signedEntrySchema>;

/** An entry with the place the server gave it. */
export const placedEntrySchema = signedEntrySchema.extend({ seq: countSchema });
export type PlacedEntry = z.infer<typeof placedEntrySchema>;
