import { z } from 'zod';
import { bytesSchema } from './ids.ts';

/* What a person may let the server know of themselves. Same encoding and errors as account-calls.ts. */

export const PICTURE_BYTES = 48 * 1024;

/** GET /v1/profile, and PUT /v1/profile, which replaces it whole and answers emptyResponse. A picture is PNG, JPEG or WebP. */
export const profileSchema = z.object({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}]*$/u)
    .nullable(),
  picture: bytesSchema.refine((bytes) => bytes.length <= PICTURE_BYTES, 'a picture has at most 48 KiB').nullable(),
});
export type Profile = z.infer<typeof profileSchema>;

export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp';

/** What a picture is by its first bytes; null for anything else. */
export function pictureTypeOf(bytes: Uint8Array): PictureType | null {
  const text = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (text(0, 3) === '\xff\xd8\xff') return 'image/jpeg';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'image/webp';
  return null;
}
