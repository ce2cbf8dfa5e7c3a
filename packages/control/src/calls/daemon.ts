import * as z from 'zod';
import { done, nothing } from './shapes.ts';

/** What a check found, for whoever words it in another language. */
export const CHECK_SENTENCES = [
  'account-none',
  'daemon-missing',
  'version',
  'keys-sealed',
  'keys-unusable',
  'server-answers',
  'server-unusable',
  'clock-unknown',
  'clock-close',
  'clock-off',
  'home-writable',
  'home-read-only',
  'watches-unlimited',
  'watches-enough',
  'watches-short',
  'folder-there',
  'folder-missing',
  'folder-problem',
  'folder-writable',
  'folder-read-only',
  'space-enough',
  'space-low',
  'files-low',
  'space-unknown',
  'case-folds',
  'network-volume',
] as const;

export const checkSchema = z.object({
  id: z.string().min(1),
  ok: z.boolean(),
  says: z.enum(CHECK_SENTENCES),
  /** What it is about: addresses, folders, codes, counts. */
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The same in English, for command lines. */
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

export type CheckSentence = (typeof CHECK_SENTENCES)[number];
export type Check = z.infer<typeof checkSchema>;
