import * as z from 'zod';
import { atMsSchema, bytesSchema, deviceSchema, pathSchema } from '../status.ts';
import { done } from './shapes.ts';

export const versionSchema = z.object({
  /** What `restore` takes. Opaque. */
  version: z.string().min(1),
  atMs: atMsSchema,
  sizeBytes: bytesSchema,
  device: deviceSchema,
  /** `restored`: the bytes of an earlier version again. */
  kind: z.enum(['added', 'edited', 'restored']),
  isCurrent: z.boolean(),
});

/** What happened to the file's name: no bytes of their own. */
export const placeEventSchema = z.object({
  atMs: atMsSchema,
  kind: z.enum(['renamed', 'moved', 'deleted', 'restored']),
  path: z.string(),
  previousPath: z.string().optional(),
  device: deviceSchema,
});

/** Bytes as a page may show them. */
export const previewSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string(), isCut: z.boolean() }),
  z.object({
    kind: z.literal('image'),
    mediaType: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp']),
    base64: z.string(),
  }),
  z.object({ kind: z.literal('none'), why: z.enum(['too-large', 'other-kind']) }),
]);

export const VERSION_CALLS = {
  /**
   * Newest first, those of files deleted under the same name included. `events` go as far back as the feed of this device; they too newest first.
   */
  versions: {
    args: z.strictObject({ path: pathSchema, folder: pathSchema.optional() }),
    result: z.object({ versions: z.array(versionSchema), events: z.array(placeEventSchema) }),
  },
  /** A version, or without `version` what stands on the disk now. Fetches nothing that is too large to be shown. */
  preview: {
    args: z.strictObject({
      path: pathSchema,
      folder: pathSchema.optional(),
      version: z.string().min(1).max(512).optional(),
    }),
    result: previewSchema,
  },
  /** Without `version` the newest that is not current; without `to` into its place. Answers where it went. */
  restore: {
    args: z.strictObject({
      path: pathSchema,
      folder: pathSchema.optional(),
      version: z.string().min(1).max(512).optional(),
      to: pathSchema.optional(),
    }),
    result: z.object({ path: z.string() }),
  },
  /** Renames or moves something inside its folder. Throws `precondition-failed` when the place is taken. */
  move: { args: z.strictObject({ folder: pathSchema, path: pathSchema, to: pathSchema }), result: done },
} as const;

export type PlaceEvent = z.infer<typeof placeEventSchema>;
export type Preview = z.infer<typeof previewSchema>;
export type FileVersion = z.infer<typeof versionSchema>;
