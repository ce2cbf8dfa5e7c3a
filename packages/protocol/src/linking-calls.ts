import { z } from 'zod';
import { bytesSchema, countSchema, fixedBytes } from './ids.ts';

/*
 * Calls by which two devices exchange the sealed messages of a linking. `rendezvous` follows from the eight words, which the server never sees; it
 * passes messages on and cannot open them. A linking ends after five minutes, or when the old device ends it.
 */

const rendezvousSchema = fixedBytes(16);
export const linkingMessageSchema = bytesSchema.refine((bytes) => bytes.length <= 16_384, 'at most 16 KiB');

/** POST /v1/linkings, with a session: the old device leaves its offer. */
export const openLinkingRequest = z.object({ rendezvous: rendezvousSchema, offer: linkingMessageSchema });
export const openLinkingResponse = z.object({ expiresInMs: countSchema });

/** What one side has to say: its messages from number `index` on. Sending the same again changes nothing. */
const sendSchema = z.object({ index: countSchema, message: linkingMessageSchema });

/**
 * POST /v1/linkings/old (with a session) and /v1/linkings/new (without one): hands over a message and answers those of the other side from number
 * `seen` on, with `wait` waiting a while for one. `claim` is 16 random bytes of the new device: the first that sends with the words has them for itself. `end`
 * ends the linking.
 */
const exchange = z.object({
  rendezvous: rendezvousSchema,
  send: sendSchema.optional(),
  seen: countSchema,
  wait: z.boolean(),
  end: z.boolean().optional(),
});
export const oldLinkingRequest = exchange;
export const newLinkingRequest = exchange.extend({ claim: fixedBytes(16) });
export const linkingResponse = z.object({ messages: z.array(bytesSchema) });

export type OpenLinkingRequest = z.infer<typeof openLinkingRequest>;
export type OldLinkingRequest = z.infer<typeof oldLinkingRequest>;
export type NewLinkingRequest = z.infer<typeof newLinkingRequest>;
