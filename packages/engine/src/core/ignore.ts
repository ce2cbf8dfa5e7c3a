import createMatcher from 'ignore';
import { lastName } from './names.ts';
import type { RelPath } from './tree.ts';

/** The rules file, at the root of a folder. It is synced like any other file. */
export const IGNORE_FILE = '.onefoldignore';
export const IGNORE_FILE_BYTES = 1024 * 1024;

/** Never synced: what file managers and office programs strew about, and unfinished downloads. */
const BUILT_IN = /^(?:\.DS_Store|Thumbs\.db|desktop\.ini|~\$.*|.*\.part)$/s;

/** Whether a path is left alone, on both sides. A path below an ignored folder is ignored too. */
export type IgnoreRules = (path: RelPath, isFolder: boolean) => boolean;

/** Rules from the text of an ignore file (gitignore syntax, case matters), besides the built-in ones. */
export function createIgnoreRules(text: string | null): IgnoreRules {
  const own =
    text === null || text.trim() === ''
      ? null
      : createMatcher({ ignorecase: false, allowRelativePaths: true }).add(text);
  return (path, isFolder) => {
    if (path === '' || path === IGNORE_FILE) return false;
    if (path.split('/').some((name) => BUILT_IN.test(name))) return true;
    return own !== null && own.ignores(isFolder ? `${path}/` : path);
  };
}

/** Only the last name is looked at: enough where everything above is known not to be ignored. */
export function isBuiltInIgnored(path: RelPath): boolean {
  return BUILT_IN.test(lastName(path));
}
