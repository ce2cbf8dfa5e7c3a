import * as z from 'zod';

/** Shapes that calls of several areas share. */
export const nothing = z.strictObject({});
export const done = z.object({});
export const limitSchema = z.int().min(1).max(10_000);
