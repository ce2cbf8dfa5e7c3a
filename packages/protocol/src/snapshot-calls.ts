import { z } from 'zod';
import { nodeKindSchema, placedEntrySchema } from './entry.ts';
import { bytesSchema, countSchema, deviceIdCodec, hashCodec, nameTagCodec, nodeIdCodec } from './ids.ts';

/* What a device reads that was away for longer than the journal is kept, or that is new. All under /v1/namespaces/{ns}. */

const writtenBy = {
  version: z.int().min(1),
  /** Position and epoch of the entry that wrote this version, and its author. */
  seq: countSchema,
  epoch: countSchema,
  device: deviceIdCodec,
};

export const openRegisterSchema = z.object({ ...writtenBy, sealed: bytesSchema });
/** SHA-256 of the sealed part stands in for it where that was purged, or is kept elsewhere. */
export const contentRegisterSchema = z.object({
  ...writtenBy,
  sealed: bytesSchema.optional(),
  sealedHash: hashCodec.optional(),
});

/** One node as of a position: the visible halves of its registers and, as its authors sealed them, the others. */
export const nodeRowSchema = z.object({
  node: nodeIdCodec,
  kind: nodeKindSchema,
  parent: nodeIdCodec,
  nameTag: nameTagCodec,
  hidden: z.boolean(),
  place: openRegisterSchema,
  content: contentRegisterSchema.nullable(),
  attributes: openRegisterSchema.nullable(),
});
export type NodeSnapshot = z.infer<typeof nodeRowSchema>;

/** GET /snapshot?checkpoint=S&after=NODE: nodes as of the checkpoint of position S, by ascending id. */
export const snapshotResponse = z.object({ rows: z.array(nodeRowSchema), isLast: z.boolean() });
export type SnapshotResponse = z.infer<typeof snapshotResponse>;

/**
 * GET /entries/skipped?after=N&to=M: what leads from H_N to H_M. `hashes` are the entry hashes of the positions from N + 1 on, 32 bytes each, as many as
 * fit; `kept` those of these entries that are no changesets.
 */
export const skippedResponse = z.object({ hashes: bytesSchema, kept: z.array(placedEntrySchema) });
export type SkippedResponse = z.infer<typeof skippedResponse>;
