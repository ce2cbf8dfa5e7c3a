import * as z from 'zod';
import { atMsSchema, bytesSchema, deviceSchema, pathSchema } from '../status.ts';

export const versionSchema = z.object({
  /** What `restore` takes. Opaque. */
  version: z.string().min(1),
  atMs: atMsSchema,
  sizeBytes: bytesSchema,
  device: deviceSchema,
  kind: z.enum(['added', 'edited', 'renamed', 'moved', 'deleted', 'restored', 'conflict']),
  isCurrent: z.boolean(),
});

export const VERSION_CALLS = {
  /** Newest first. */
  versions: {
    args: z.strictObject({ path: pathSchema, folder: pathSchema.optional() }),
    result: z.object({ versions: z.array(versionSchema) }),
  },
  /** Without `version` the newest that is not current; without `to` into its place. Answers where it went. */
  restore: {
    args: z.strictObject({
      path: pathSchema,
      folder: pathSchema.optional(),
      version: z.string().min(1).max(512).optional(),
      to: pathSchema.optional(),
    }),
    result: z.object({ path: z.string() }),
  },
} as const;

export type FileVersion = z.infer<typeof versionSchema>;
