import * as z from 'zod';
import { atMsSchema } from '../status.ts';
import { done, nothing } from './shapes.ts';

/** Where the linking of another device stands, on the device that is in the account already. */
export const linkingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({
    kind: z.literal('offered'),
    /** Eight words to type on the new device. Whoever has them may ask to join. */
    words: z.string(),
    /** The same with the server's address, for a QR code. */
    text: z.string(),
    expiresAtMs: atMsSchema,
  }),
  /** A device asks to join: it must show the same check words. */
  z.object({ kind: z.literal('asking'), deviceName: z.string(), checkWords: z.string(), expiresAtMs: atMsSchema }),
  z.object({ kind: z.literal('adding'), deviceName: z.string() }),
  z.object({ kind: z.literal('added'), deviceName: z.string() }),
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
]);

export const LINKING_CALLS = {
  linking: { args: nothing, result: z.object({ linking: linkingSchema }) },
  /** Makes words for a new device; those before are void. */
  startLinking: { args: nothing, result: z.object({ linking: linkingSchema }) },
  /** Approves or turns down the device that shows these check words. `not-found` when another one asks, or none. */
  answerLinking: { args: z.strictObject({ approve: z.boolean(), checkWords: z.string().max(200) }), result: done },
  stopLinking: { args: nothing, result: done },
} as const;

export type LinkingState = z.infer<typeof linkingSchema>;
