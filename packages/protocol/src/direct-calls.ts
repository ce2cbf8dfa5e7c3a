import { z } from 'zod';
import { countSchema, hashCodec } from './ids.ts';

/* Transfers past the server, where its store can be reached by devices; all under /v1/namespaces/{ns}. Same encoding and errors as account-calls.ts. */

/** POST /packs/{packId}/direct?upload={uploadId}: asks where to send a pack of this size and SHA-256. `not-found`: packs go through the server. */
export const directPackRequest = z.object({ sizeBytes: z.int().min(1), sha256: hashCodec });
/** A PUT of exactly these bytes, with exactly these headers. Then POST /packs/{packId}/stored?upload={uploadId}, which answers putPackResponse. */
export const directPackResponse = z.object({
  url: z.string().max(4_096),
  headers: z.array(z.tuple([z.string(), z.string()])).max(16),
  expiresInMs: countSchema,
});

/** POST /blocks/locate takes readBlocksRequest: where the asked blocks lie, in the asked order; null = not held. `url` counts into `urls`. */
export const locateBlocksResponse = z.object({
  urls: z.array(z.string().max(4_096)),
  places: z.array(z.object({ url: countSchema, offset: countSchema, length: countSchema }).nullable()),
});

export type DirectPackRequest = z.infer<typeof directPackRequest>;
export type DirectPackResponse = z.infer<typeof directPackResponse>;
export type LocateBlocksResponse = z.infer<typeof locateBlocksResponse>;
