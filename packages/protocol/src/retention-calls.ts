import { z } from 'zod';
import { countSchema, nodeIdCodec } from './ids.ts';

/* What a namespace keeps of its past, all under /v1/namespaces/{ns}. Same encoding and errors as account-calls.ts. */

const limit = z.int().min(1).max(36_500).nullable();

/** What goes by itself. Null: without end. The current version of a file that is not deleted always stays. */
export const retentionPolicySchema = z.object({
  /** All versions of a day, one an hour of a week, one a day of a month, one a week of what is older. */
  isThinned: z.boolean(),
  /** Days that a version is kept after it was replaced. */
  versionDays: limit,
  /** Versions of one file, the current one counted. */
  versionCount: limit,
  /** Days that something deleted can be had back. */
  trashDays: limit,
});
export type RetentionPolicy = z.infer<typeof retentionPolicySchema>;

/** GET /retention, and what PUT answers. */
export const retentionResponse = z.object({
  /** In force. */
  policy: retentionPolicySchema,
  /** True: the owner chose nothing, and the server's own policy is in force. */
  isDefault: z.boolean(),
  serverPolicy: retentionPolicySchema,
});
export type RetentionResponse = z.infer<typeof retentionResponse>;

/** PUT /retention: the owner's choice; null = as the server has it. */
export const setRetentionRequest = z.object({ policy: retentionPolicySchema.nullable() });

/** DELETE /nodes/{node}/versions/{version} and DELETE /nodes/{node}: versions that are gone for good. */
export const purgeResponse = z.object({ versions: countSchema });

/** POST /purged: which of these nodes are gone for good, so that they cannot be had back. */
export const purgedRequest = z.object({ nodes: z.array(nodeIdCodec).min(1).max(1_000) });
export const purgedResponse = z.object({ purged: z.array(nodeIdCodec) });
