import * as z from 'zod';
import { atMsSchema, deviceSchema } from '../status.ts';
import { nothing } from './shapes.ts';

export const conflictSchema = z.object({
  folder: z.string(),
  /** The copy. */
  path: z.string(),
  /** The file whose name the other side won. */
  original: z.string(),
  device: deviceSchema,
  atMs: atMsSchema,
});

export const CONFLICT_CALLS = {
  conflicts: { args: nothing, result: z.object({ conflicts: z.array(conflictSchema) }) },
} as const;

export type Conflict = z.infer<typeof conflictSchema>;
