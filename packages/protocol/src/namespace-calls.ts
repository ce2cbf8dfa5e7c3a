import { z } from 'zod';
import { headSchema } from './account-calls.ts';
import { placedEntrySchema, signedEntrySchema } from './entry.ts';
import {
  bytesSchema,
  countSchema,
  ctHashCodec,
  deviceIdCodec,
  hashCodec,
  nodeIdCodec,
  opIdCodec,
  packIdCodec,
  uploadIdCodec,
} from './ids.ts';
import { LIMITS } from './limits.ts';

/* Calls about one namespace, all under /v1/namespaces/{ns}. Same encoding and errors as account-calls.ts. */

/**
 * POST /uploads: announces a draft, unsigned. The server pins the `reused` blocks it has stored and answers with those it has not.
 * Other devices of the namespace hear `uploading`; `label` is the sealed name and size for them, opaque to the server.
 */
export const announceUploadRequest = z.object({
  opId: opIdCodec,
  nodes: z.array(z.object({ node: nodeIdCodec, label: bytesSchema })).max(LIMITS.changesPerEntry),
  paddedBytes: countSchema,
  reused: z.array(ctHashCodec),
});
export const announceUploadResponse = z.object({ uploadId: uploadIdCodec, missing: z.array(ctHashCodec) });

export const uploadStateSchema = z.enum(['pending', 'uploaded', 'committed', 'expired']);

/** GET /uploads/{uploadId}: `stored` are the blocks of this upload the server holds. */
export const uploadResponse = z.object({
  state: uploadStateSchema,
  stored: z.array(ctHashCodec),
  committed: z.object({ seq: countSchema, hash: hashCodec }).optional(),
});

/**
 * POST /uploads/{uploadId}/complete: names every block the entry will use, stored or not yet. Once all of them are stored the upload is `uploaded`. Answers
 * with uploadResponse. A commit does not need it; others learn by it that the bytes are safe before the entry stands.
 */
export const completeUploadRequest = z.object({ blocks: z.array(ctHashCodec) });

/** PUT /packs/{packId}?upload={uploadId}: body is the pack (application/octet-stream). Every block is hashed while received. */
export const putPackResponse = z.object({ stored: countSchema, state: uploadStateSchema });

/** POST /entries. `pack` (at most 1 MiB) rides along for small changes. */
export const commitRequest = z.object({
  entry: signedEntrySchema,
  uploadId: uploadIdCodec.optional(),
  pack: z.object({ packId: packIdCodec, bytes: bytesSchema }).optional(),
});

/** Why one change cannot stand, and what stands there now. `index` is the change's place in the changeset. */
export const refusalSchema = z.object({
  index: countSchema,
  reason: z.enum([
    'node-exists',
    'node-missing',
    'parent-missing',
    'parent-hidden',
    'parent-not-folder',
    'version-mismatch',
    'name-taken',
    'cycle',
    'changed-below',
    'blocks-missing',
    'kind-mismatch',
  ]),
  node: nodeIdCodec,
  /** The node that holds the name, or the changed descendant, where there is one. */
  other: nodeIdCodec.optional(),
});
export type Refusal = z.infer<typeof refusalSchema>;

/** 200 in both cases: a refusal is an expected outcome. `behind` = base too old for deciding; read on and sign anew. */
export const commitResponse = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('committed'), seq: countSchema, hash: hashCodec }),
  z.object({ outcome: z.literal('refused'), refusals: z.array(refusalSchema), head: headSchema }),
  z.object({ outcome: z.literal('blocks-missing'), missing: z.array(ctHashCodec), head: headSchema }),
]);
export type CommitResponse = z.infer<typeof commitResponse>;

/**
 * GET /entries?after=N&minSeq=M: a page of the journal and the head it was validated against. zstd when accepted. `reset`: changesets behind N are no longer
 * kept, and of `entries` there is the genesis at most. The newest checkpoint's entry is at `reset.seq`; from the one at `reset.wholeFrom` on every entry is
 * kept. Either is where to go on from (snapshot-calls.ts).
 */
export const entriesResponse = z.object({
  head: headSchema,
  entries: z.array(placedEntrySchema),
  reset: z.object({ seq: countSchema, wholeFrom: countSchema }).optional(),
});
export type EntriesResponse = z.infer<typeof entriesResponse>;

/**
 * POST /blocks/read: the asked blocks in the asked order (application/octet-stream), each as u32 big endian length and the sealed bytes;
 * length 0 = the server does not hold it.
 */
export const readBlocksRequest = z.object({ blocks: z.array(ctHashCodec).min(1).max(LIMITS.blocksPerRead) });

/**
 * GET /blocks/lost?after={ctHash}:{node}: blocks that the server has lost, with the current content versions that use them, deleted files included, in the
 * order of ctHash and node. Whoever has such a file sends it anew, as a version of its own: what is sealed again is another block. `hasMore`: ask again
 * after the last one told.
 */
export const lostBlocksResponse = z.object({
  lost: z
    .array(z.object({ ctHash: ctHashCodec, node: nodeIdCodec, version: z.int().min(1) }))
    .max(LIMITS.lostBlocksPerPage),
  hasMore: z.boolean(),
});
export type LostBlocksResponse = z.infer<typeof lostBlocksResponse>;
export type LostBlock = LostBlocksResponse['lost'][number];
/** Behind which lost block, and use of it, a page begins. */
export type LostPlace = Pick<LostBlock, 'ctHash' | 'node'>;

/**
 * GET /nodes/{node}/versions?before=V: content versions of a node below V (default: from the newest), as many of the newest as fit into a page, oldest
 * first, as sealed parts only members open. `hasOlder`: ask again with `before` = the oldest one told.
 */
export const versionsResponse = z.object({
  versions: z.array(
    z.object({
      version: z.int().min(1),
      seq: countSchema,
      epoch: countSchema,
      device: deviceIdCodec,
      acceptedAtMs: countSchema,
      sealed: bytesSchema,
    }),
  ),
  hasOlder: z.boolean().optional(),
});

/**
 * GET /times?at=T or ?seqs=1,5,9: which device's entries were accepted when: the last one accepted at or before T, or these. As the server says;
 * nobody signs a time.
 */
export const timesResponse = z.object({
  times: z.array(z.object({ seq: countSchema, device: deviceIdCodec, acceptedAtMs: countSchema })),
});

/** GET /usage: what the account that owns the namespace stores, versions and deleted files included, and may store (null: no limit). */
export const usageResponse = z.object({ usedBytes: countSchema, quotaBytes: countSchema.nullable() });

/** GET /v1/wait?after={ns}:{seq}:{recoveryEpoch},...&timeoutMs=N: answers when a head passes, something uploads, or time is up. */
export const waitResponse = z.object({ events: z.array(z.lazy(() => serverEventSchema)) });

/** What the server pushes, over the WebSocket at /v1/events or by long poll. Missed ones cost nothing: heads are compared on connect. */
export const serverEventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('hello'), heads: z.array(headSchema), heartbeatMs: countSchema }),
  z.object({ event: z.literal('head'), head: headSchema }),
  z.object({
    event: z.literal('uploading'),
    namespaceId: headSchema.shape.namespaceId,
    device: deviceIdCodec,
    uploadId: uploadIdCodec,
    nodes: z.array(z.object({ node: nodeIdCodec, label: bytesSchema })),
    state: uploadStateSchema,
  }),
  z.object({ event: z.literal('chain'), chainLength: countSchema }),
]);
export type ServerEvent = z.infer<typeof serverEventSchema>;

export type AnnounceUploadRequest = z.infer<typeof announceUploadRequest>;
export type AnnounceUploadResponse = z.infer<typeof announceUploadResponse>;
export type UploadResponse = z.infer<typeof uploadResponse>;
export type PutPackResponse = z.infer<typeof putPackResponse>;
export type CommitRequest = z.infer<typeof commitRequest>;
export type VersionsResponse = z.infer<typeof versionsResponse>;
export type UsageResponse = z.infer<typeof usageResponse>;
export type TimesResponse = z.infer<typeof timesResponse>;
