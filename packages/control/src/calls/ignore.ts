import * as z from 'zod';
import { bytesSchema, countSchema, pathSchema } from '../status.ts';
import { limitSchema } from './shapes.ts';

/** The longest .onefoldignore that is read. Bytes. */
export const RULES_BYTES = 1024 * 1024;

const textSchema = z.string().max(RULES_BYTES);
/** The folder, inside the kept one, whose .onefoldignore is meant; empty for the one at the top. */
const insideSchema = z.string().max(32_768);

export const rulesFileSchema = z.object({
  /** The folder its rules are about, inside the kept one; empty at the top. */
  in: z.string(),
  text: z.string(),
});

export const ruleEffectSchema = z.object({
  /** Inside the kept folder, with `/`. A folder stands for everything in it. */
  path: z.string(),
  kind: z.enum(['file', 'folder', 'link']),
  /** Of a file. */
  sizeBytes: bytesSchema,
  becomes: z.enum(['ignored', 'synced']),
  /** It is synced by now: ignored, it freezes. It stays here and on the server, and changes travel neither way. */
  isTracked: z.boolean(),
});

export const IGNORE_CALLS = {
  /** Every .onefoldignore that applies here, and the patterns that always apply. */
  rules: {
    args: z.strictObject({ folder: pathSchema.optional() }),
    result: z.object({ files: z.array(rulesFileSchema), builtIn: z.array(z.string()) }),
  },
  /**
   * Writes a .onefoldignore, which is synced like any file; an empty text removes it. `was` is the text it was made from (null: there was
   * none): should the file say something else by now, `precondition-failed` is thrown and nothing has changed.
   */
  setRules: {
    args: z.strictObject({
      folder: pathSchema.optional(),
      in: insideSchema.optional(),
      text: textSchema,
      was: textSchema.nullable().optional(),
    }),
    result: z.object({}),
  },
  /** What these rules would change, were they written: the topmost entries that become ignored or synced, by path. Changes nothing. */
  previewRules: {
    args: z.strictObject({
      folder: pathSchema.optional(),
      in: insideSchema.optional(),
      text: textSchema,
      limit: limitSchema.optional(),
      after: z.string().max(32_768).optional(),
    }),
    /** `next` goes into `after`; there is none on the last page. */
    result: z.object({ effects: z.array(ruleEffectSchema), next: z.string().optional() }),
  },
  /** Whether a path is ignored, and by which rule. The path need not exist; one that ends with `/` is a folder. */
  checkRule: {
    args: z.strictObject({ path: pathSchema, folder: pathSchema.optional() }),
    result: z.object({
      isIgnored: z.boolean(),
      /** The rule that decided; none where nothing matches. */
      rule: z
        .object({
          /** The folder of its .onefoldignore, inside the kept one; null for a rule that always applies. */
          in: z.string().nullable(),
          /** From 1; 0 where there is no file. */
          line: countSchema,
          pattern: z.string(),
        })
        .optional(),
    }),
  },
} as const;

export type RulesFile = z.infer<typeof rulesFileSchema>;
export type RuleEffect = z.infer<typeof ruleEffectSchema>;
