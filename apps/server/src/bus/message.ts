import { z } from 'zod';
import { countSchema, headSchema, serverEventSchema, userIdCodec } from '@onefold/protocol';
import type { BusMessage } from './bus.ts';

/** How wake-ups travel between nodes. A message that does not fit, from a newer node, is dropped: it is only a hint. */
const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('head'), head: headSchema }),
  z.object({ kind: z.literal('uploading'), event: serverEventSchema }),
  z.object({ kind: z.literal('chain'), user: userIdCodec, chainLength: countSchema }),
  z.object({ kind: z.literal('membership'), user: userIdCodec }),
]);

export const envelopeSchema = z.object({ from: z.string(), message: messageSchema });

/** Undefined for an `uploading` message that carries another event. */
export function busMessageOf(message: z.output<typeof messageSchema>): BusMessage | undefined {
  if (message.kind !== 'uploading') return message;
  const { event } = message;
  return event.event === 'uploading' ? { kind: 'uploading', event } : undefined;
}
