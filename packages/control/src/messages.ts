import * as z from 'zod';
import { MAX_MESSAGE_LENGTH } from './carrier.ts';

const callIdSchema = z.int().nonnegative();

/** Client to server. */
export const requestSchema = z.strictObject({ id: callIdSchema, call: z.string(), args: z.unknown() });

const okSchema = z.object({ id: callIdSchema, ok: z.literal(true), result: z.unknown() });
const errorSchema = z.object({ id: callIdSchema, error: z.object({ code: z.string(), message: z.string() }) });
const eventSchema = z.object({ event: z.string(), data: z.unknown() });

/** Server to client. */
export const replySchema = z.union([okSchema, errorSchema, eventSchema]);

export type Request = z.infer<typeof requestSchema>;
export type Reply = z.infer<typeof replySchema>;

/** Reads one message by its schema; null for anything that is not exactly that. */
export function readMessage<S extends z.ZodType>(schema: S, message: string): z.infer<S> | null {
  if (message.length > MAX_MESSAGE_LENGTH) return null;
  let json: unknown;
  try {
    json = JSON.parse(message);
  } catch {
    return null;
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : null;
}

/** One line that says where a value is not what its schema wants; it never repeats the value. */
export function describeIssues(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'invalid';
  const where = issue.path.map(String).join('.');
  return where === '' ? issue.message : `${where}: ${issue.message}`;
}
