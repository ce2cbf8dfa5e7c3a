import * as z from 'zod';
import { linkingSchema } from './calls/linking.ts';
import { setupSchema } from './calls/setup.ts';
import { atMsSchema, bytesSchema, countSchema, deviceSchema, statusSchema } from './status.ts';

export const activitySchema = z.object({
  /** Ordered like the feed: a later item never has an id handed out before. Opaque. */
  id: z.string().min(1),
  atMs: atMsSchema,
  kind: z.enum(['added', 'edited', 'renamed', 'moved', 'deleted', 'restored', 'conflict', 'attention']),
  /** Inside the folder, with `/`. */
  path: z.string(),
  previousPath: z.string().optional(),
  /** The folder's absolute path here. */
  folder: z.string(),
  /** Who did it; `here` is this device. */
  device: deviceSchema.extend({ here: z.boolean() }),
});

/** Every event of the control surface. A server sends each to everyone connected; a client that missed some calls `status`. */
export const EVENTS = {
  /** The whole status, at most a few times a second. */
  status: statusSchema,
  /** New items of the feed, oldest first. */
  activity: z.object({ items: z.array(activitySchema) }),
  /** Once a second while something moves, and one of zero at the end. */
  throughput: z.object({ atMs: atMsSchema, upBytesPerSecond: bytesSchema, downBytesPerSecond: bytesSchema }),
  /** Another device announced an upload (`pending`) or finished it (`uploaded`). */
  uploading: z.object({
    folder: z.string(),
    device: deviceSchema,
    phase: z.enum(['pending', 'uploaded']),
    path: z.string().optional(),
  }),
  /** The list of conflicts is another one; how many it has. */
  conflicts: z.object({ count: countSchema }),
  /** The linking of another device went on. */
  linking: z.object({ linking: linkingSchema }),
  /** The home came to an account, is on its way there, or has none any more. */
  setup: z.object({ setup: setupSchema }),
} as const;

export type Events = typeof EVENTS;
export type EventName = keyof Events;
export type EventData<N extends EventName> = z.infer<Events[N]>;
export type Activity = z.infer<typeof activitySchema>;
export type ActivityKind = Activity['kind'];
export type Throughput = EventData<'throughput'>;
export type Uploading = EventData<'uploading'>;
