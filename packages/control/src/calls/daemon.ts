import * as z from 'zod';
import { done, nothing } from './shapes.ts';

export const checkSchema = z.object({
  id: z.string().min(1),
  ok: z.boolean(),
  message: z.string(),
  /** What to do; empty when `ok`. */
  advice: z.string(),
});

export const DAEMON_CALLS = {
  doctor: { args: nothing, result: z.object({ checks: z.array(checkSchema) }) },
  /** A fresh address of the daemon's own page that works once. */
  uiUrl: { args: nothing, result: z.object({ url: z.string() }) },
  /** Answers, then the daemon ends. */
  stop: { args: nothing, result: done },
} as const;

export type Check = z.infer<typeof checkSchema>;
