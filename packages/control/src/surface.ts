import * as z from 'zod';
import { CALLS } from './calls.ts';
import { EVENTS } from './events.ts';
import { replySchema, requestSchema } from './messages.ts';

/** The whole surface as JSON Schema: what a program in another language would read, and what the pin is taken of. */
export function describeSurface(): Record<string, unknown> {
  const calls = Object.entries(CALLS).map(([name, { args, result }]) => [
    name,
    { args: z.toJSONSchema(args), result: z.toJSONSchema(result) },
  ]);
  const events = Object.entries(EVENTS).map(([name, data]) => [name, z.toJSONSchema(data)]);
  return {
    request: z.toJSONSchema(requestSchema),
    reply: z.toJSONSchema(replySchema),
    calls: Object.fromEntries(calls) as unknown,
    events: Object.fromEntries(events) as unknown,
  };
}
