import * as z from 'zod';
import { pathSchema, statusSchema } from '../status.ts';
import { done, nothing } from './shapes.ts';

export const SYNC_CALLS = {
  status: { args: nothing, result: statusSchema },
  /** Of one folder, or of all. Pausing what is paused is no error. */
  pause: { args: z.strictObject({ folder: pathSchema.optional() }), result: done },
  resume: { args: z.strictObject({ folder: pathSchema.optional() }), result: done },
  /** Answers when a complete scan and a head read, both begun after the call, left nothing to do, or when that cannot be. */
  syncWait: {
    args: z.strictObject({ timeoutMs: z.int().positive().optional() }),
    result: z.object({
      outcome: z.enum(['idle', 'attention', 'offline', 'paused', 'timed-out']),
      status: statusSchema,
    }),
  },
  /** Lets a held mass change go on. */
  confirm: { args: z.strictObject({ id: z.string().min(1).max(512) }), result: done },
  /** Undoes a held mass change: what it would have deleted or rewritten comes back. */
  reject: { args: z.strictObject({ id: z.string().min(1).max(512) }), result: done },
} as const;
