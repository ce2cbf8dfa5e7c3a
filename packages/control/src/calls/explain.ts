import * as z from 'zod';
import { atMsSchema, pathSchema } from '../status.ts';

/** Why an entry is, or is not, in step. A UI words it by `code`. Closed: new reasons are new codes. */
export const EXPLAIN_CODES = [
  /** A committed version holds it, and it is here. */
  'in-step',
  /** Left out by .onefoldignore, or by the rules built in. */
  'ignored',
  /** Ignored since it was synced: it stays here and on the server as it is, and changes travel neither way. */
  'frozen',
  /** Its folder is not to be on this device; the server has it. */
  'unticked',
  /** Its folder is not to be on this device, but the server does not have it as it is here: it is left alone, and not sent. */
  'kept-unticked',
  /** Deleted here; it stays on the server for what it holds that is not to be on this device, or is ignored. */
  'kept-there',
  /** It differs from the server's, in a folder that only sends or only receives. */
  'one-way',
  /** The product's own folder. */
  'own-folder',
  /** A pipe, a socket or a device: never synced. */
  'special-file',
  /** It, or a folder above it, cannot be looked at: see `cause`. Nothing in it counts as deleted. */
  'unreadable',
  /** Still being written to. */
  'still-changing',
  /** Not looked at yet. */
  'not-seen-yet',
  /** Changed here, to be sent. */
  'to-be-sent',
  /** Changed elsewhere, to be fetched. */
  'to-be-fetched',
  /** The server has lost part of it; it is sent again from here. */
  'lost-there',
  /** On its way right now. */
  'travelling',
  /** It failed and is tried again at `retryAtMs`: see `cause`. */
  'tried-again',
  /** It failed and needs a person: see `cause`. */
  'needs-you',
  /** Part of many deletes or rewrites that wait for an answer. */
  'held',
  /** A member wrote something that does not open. */
  'quarantined',
  /** Its folder was deleted elsewhere, and it is tracked by nobody: it stays here alone. */
  'local-only',
  /** Something else stands in its place, or its folder cannot be made. */
  'blocked',
  'paused',
  'offline',
  /** The whole folder stands still: see `cause`. */
  'folder-stopped',
] as const;

export const reasonSchema = z.object({
  code: z.enum(EXPLAIN_CODES),
  /** English, for logs and the command line. */
  message: z.string(),
  /** A code of ERROR_REACTIONS. */
  cause: z.string().optional(),
  retryAtMs: atMsSchema.optional(),
});

export const EXPLAIN_CALLS = {
  /** Why is this not in step? The reason that weighs most first. Throws `not-found` where nothing is known and nothing stands. */
  explain: {
    args: z.strictObject({ path: pathSchema, folder: pathSchema.optional() }),
    result: z.object({ reasons: z.array(reasonSchema).min(1) }),
  },
} as const;

export type Reason = z.infer<typeof reasonSchema>;
export type ExplainCode = Reason['code'];
