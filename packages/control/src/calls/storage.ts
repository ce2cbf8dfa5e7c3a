import * as z from 'zod';
import { bytesSchema, countSchema, pathSchema } from '../status.ts';

const sumSchema = z.object({ sizeBytes: bytesSchema, count: countSchema });

export const fileKindSchema = z.enum(['documents', 'images', 'video', 'audio', 'archives', 'code', 'other']);

/** One part of the map. `rest`: what is too small to be named by itself, together. */
export const storagePartSchema = z.object({
  id: countSchema,
  /** null for the folder asked for. A part never stands before its parent. */
  parent: countSchema.nullable(),
  name: z.string(),
  /** Inside the kept folder. */
  path: z.string(),
  kind: z.enum(['folder', 'file', 'rest']),
  sizeBytes: bytesSchema,
  count: countSchema,
});

export const STORAGE_CALLS = {
  /** What takes the space below a folder, here or on the server, three levels deep. */
  storage: {
    args: z.strictObject({ folder: pathSchema, path: z.string().max(32_768), side: z.enum(['here', 'server']) }),
    result: z.object({
      parts: z.array(storagePartSchema),
      kinds: z.array(sumSchema.extend({ kind: fileKindSchema })),
      /** What lies in the trash here. */
      trash: sumSchema,
      /** Last versions of what is deleted, kept by the server. */
      deleted: sumSchema,
      /** Free on this disk; null where unknown. */
      freeBytes: bytesSchema.nullable(),
      /** What the account stores on the server, sealed, with all versions, and may store; null while it cannot be asked. */
      server: z.object({ usedBytes: bytesSchema, quotaBytes: bytesSchema.nullable() }).nullable(),
    }),
  },
} as const;

export type StoragePart = z.infer<typeof storagePartSchema>;
export type FileKind = z.infer<typeof fileKindSchema>;
