import * as z from 'zod';
import { nothing } from './shapes.ts';

export const DIAGNOSTICS_CALLS = {
  /** Logs and state for someone who helps: no names of files and folders, no addresses, no secrets. To be looked at before it is given away. */
  diagnostics: {
    args: nothing,
    result: z.object({ fileName: z.string(), text: z.string() }),
  },
} as const;
