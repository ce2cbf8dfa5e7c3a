import * as z from 'zod';
import { atMsSchema, bytesSchema, deviceSchema, pathSchema } from '../status.ts';
import { done, nothing } from './shapes.ts';

/** One side as it stands on the disk. `device` wrote it last, as far as the journal tells. */
export const conflictSideSchema = z.object({
  sizeBytes: bytesSchema,
  mtimeMs: atMsSchema,
  device: deviceSchema.nullable(),
});

export const conflictSchema = z.object({
  folder: z.string(),
  /** The copy. */
  path: z.string(),
  /** The file whose name the other side won. */
  original: z.string(),
  /** Whose side the copy is. */
  device: deviceSchema,
  atMs: atMsSchema,
  copy: conflictSideSchema,
  /** null when nothing stands under the name any more. */
  other: conflictSideSchema.nullable(),
});

const undoIdSchema = z.string().min(1).max(64);

export const CONFLICT_CALLS = {
  conflicts: { args: nothing, result: z.object({ conflicts: z.array(conflictSchema) }) },
  /**
   * `original`: the copy goes into the trash. `copy`: the original goes there, and the copy takes its name. `both`: the copy gets a name without
   * the mark. `path` is the copy's. Throws `precondition-failed` when a side is not with the server yet.
   */
  resolveConflict: {
    args: z.strictObject({ folder: pathSchema, path: pathSchema, keep: z.enum(['original', 'copy', 'both']) }),
    result: z.object({ undo: undoIdSchema }),
  },
  /**
   * A text made from both sides takes the name, and both go into the trash. `was` is their `mtimeMs` when they were looked at. Throws `precondition-failed` when a
   * side has changed since or is not with the server yet, `invalid-argument` where one is not plain UTF-8.
   */
  mergeConflict: {
    args: z.strictObject({
      folder: pathSchema,
      path: pathSchema,
      text: z.string().max(2_000_000),
      was: z.strictObject({ originalMtimeMs: atMsSchema, copyMtimeMs: atMsSchema }),
    }),
    result: z.object({ undo: undoIdSchema }),
  },
  /** Takes a decision back as long as this daemon runs. Throws `not-found`; `precondition-failed` when a place is taken again. */
  undo: { args: z.strictObject({ undo: undoIdSchema }), result: done },
} as const;

export type Conflict = z.infer<typeof conflictSchema>;
export type ConflictSide = z.infer<typeof conflictSideSchema>;
