import * as z from 'zod';
import { limitSchema } from './shapes.ts';
import { atMsSchema, bytesSchema, countSchema, deviceSchema, pathSchema } from '../status.ts';

export const trashedSchema = z.object({
  /** What `restoreTrash` and `emptyTrash` take, beside its folder. Opaque. */
  id: z.string().min(1),
  folder: z.string(),
  /** Where it stood, inside the folder. */
  path: z.string(),
  kind: z.enum(['file', 'folder', 'link']),
  /** `here`: in this device's trash. `server`: as the last version of what was deleted, by whichever device. */
  where: z.enum(['here', 'server']),
  sizeBytes: bytesSchema,
  /** null where it is not known. */
  trashedAtMs: atMsSchema.nullable(),
  /** When it goes for good by itself, if nothing needs its room before. null: never, or it is not known. */
  goesAtMs: atMsSchema.nullable(),
  /** Who deleted it; null where it is not known. */
  device: deviceSchema.nullable(),
});

const idSchema = z.string().min(1).max(40_000);

export const TRASH_CALLS = {
  /**
   * The last deleted first: at most `limit` (a thousand, unless it is said) of each folder and place; with `text` those whose name holds it. `gone`: what the server has let go
   * of, which cannot be had back.
   */
  trash: {
    args: z.strictObject({
      folder: pathSchema.optional(),
      text: z.string().max(500).optional(),
      gone: z.boolean().optional(),
      limit: limitSchema.optional(),
    }),
    /** `isCut`: there may be more. */
    result: z.object({ entries: z.array(trashedSchema), isCut: z.boolean() }),
  },
  /** Without `to` (inside the folder) to where it stood. Answers where it is now. Throws `precondition-failed` when the place is taken. */
  restoreTrash: {
    args: z.strictObject({ folder: pathSchema, id: idSchema, to: pathSchema.optional() }),
    result: z.object({ path: z.string() }),
  },
  /** Removes for good what lies in the trash here: of one folder or of all, everything or these. What the server keeps stays. */
  emptyTrash: {
    args: z.strictObject({ folder: pathSchema.optional(), ids: z.array(idSchema).max(10_000).optional() }),
    result: z.object({ count: countSchema, sizeBytes: bytesSchema }),
  },
} as const;

export type TrashedEntry = z.infer<typeof trashedSchema>;
