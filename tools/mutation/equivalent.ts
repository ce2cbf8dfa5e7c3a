/*
 * Mutants of the core that no test can notice, each with the reason. `npm run mutation` holds what survived against this; a line that is not in the
 * source any more fails equivalent.test.ts.
 */

export interface Equivalent {
  readonly file: string;
  /** The line of the source, without the space around it. */
  readonly line: string;
  /** What Stryker puts in place of something in that line; all that it may where this is not given. */
  readonly to?: readonly string[];
  readonly why: string;
}

export const EQUIVALENT: readonly Equivalent[] = [];
