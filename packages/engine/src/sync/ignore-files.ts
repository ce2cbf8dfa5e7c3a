import type { ErrorCode } from '@onefold/protocol';
import { createIgnoreRules, IGNORE_FILE, IGNORE_FILE_BYTES, readRuleText, type IgnoreRules } from '../core/ignore.ts';
import { joinPath, lastName, parentPath } from '../core/names.ts';
import type { RelPath } from '../core/tree.ts';
import type { Session } from './session.ts';

/*
 * The rules files of a folder, as they stand on the disk.
 *
 *   kept --one says something else--> changed --a scan of everything, begun after it, is complete--> kept
 *
 * While they are changed, what is missing where it was ignored before does not count as deleted: nobody looked there. It is forgotten, and
 * comes back from the server. The rules before are a fact, so that it is so after a restart, too.
 *
 * Rules that cannot be read are not none: what they said before holds, and where that is not known nothing there is touched, on either side,
 * until they can be.
 */

const FACT = 'ignore-rules';
/** A file that was emptied may be about to be written. */
const EMPTIED_MS = 1_000;
const EVERYTHING = '*';

export interface IgnoreFiles {
  texts(): ReadonlyMap<RelPath, string>;
  /** The rules of the last run, before anything is looked at. Later calls do nothing. */
  load(): Promise<void>;
  /** Reads these folders' files. True when the rules are others now. */
  read(folders: Iterable<RelPath>): Promise<boolean>;
  /** A whole folder was listed. True when the rules are others now. */
  listed(folder: RelPath, names: ReadonlySet<string>): Promise<boolean>;
  /** Why a folder's file could not be read when that was last tried; null where it could, or there is none. */
  failure(folder: RelPath): ErrorCode | null;
  /** Paths among these at which rules files stand, as folders. */
  foldersOf(paths: Iterable<RelPath>): RelPath[];
  /** It was ignored when everything was last looked at, and is not now. */
  isThawed(path: RelPath, isFolder: boolean): boolean;
  /** Everything was looked at by the rules as they are. */
  scanned(): Promise<void>;
  relocate(from: RelPath, to: RelPath): void;
}

export function createIgnoreFiles(session: Session): IgnoreFiles {
  const { files, store, clock } = session.ports;
  let texts = new Map<RelPath, string>();
  let before: IgnoreRules | null = null;
  let isLoaded = false;
  const emptied = new Map<RelPath, number>();
  const failures = new Map<RelPath, ErrorCode>();

  function set(folder: RelPath, text: string | null): boolean {
    if ((texts.get(folder) ?? null) === text) return false;
    before ??= session.rules;
    texts = new Map(texts);
    if (text === null) texts.delete(folder);
    else texts.set(folder, text);
    session.rules = createIgnoreRules(texts);
    return true;
  }

  async function readOne(folder: RelPath): Promise<boolean> {
    const bytes = await files.readSmall(joinPath(folder, IGNORE_FILE), IGNORE_FILE_BYTES);
    failures.delete(folder);
    if (bytes !== null && 'outcome' in bytes) {
      failures.set(folder, bytes.code);
      return texts.has(folder) ? false : set(folder, EVERYTHING);
    }
    const text = bytes === null ? null : readRuleText(bytes);
    if (text === '' && (texts.get(folder) ?? '') !== '') {
      const sinceMs = emptied.get(folder);
      if (sinceMs === undefined) emptied.set(folder, clock.monotonicMs());
      if (sinceMs === undefined || clock.monotonicMs() - sinceMs < EMPTIED_MS) return false;
    }
    emptied.delete(folder);
    return set(folder, text);
  }

  async function read(folders: Iterable<RelPath>): Promise<boolean> {
    let isOther = false;
    for (const folder of new Set(folders)) isOther = (await readOne(folder)) || isOther;
    return isOther;
  }

  return {
    texts: () => texts,
    async load() {
      if (isLoaded) return;
      isLoaded = true;
      const text = await store.fact(FACT);
      if (text !== null) texts = new Map(JSON.parse(text) as [RelPath, string][]);
      session.rules = createIgnoreRules(texts);
    },
    read,
    async listed(folder, names) {
      if (names.has(IGNORE_FILE)) return readOne(folder);
      emptied.delete(folder);
      failures.delete(folder);
      return set(folder, null);
    },
    failure: (folder) => failures.get(folder) ?? null,
    foldersOf: (paths) => [...paths].filter((path) => lastName(path) === IGNORE_FILE).map(parentPath),
    isThawed: (path, isFolder) => before !== null && before(path, isFolder) && !session.rules(path, isFolder),
    async scanned() {
      if (before === null) return;
      before = null;
      await store.commit({ facts: { [FACT]: texts.size === 0 ? null : JSON.stringify([...texts]) } });
    },
    relocate(from, to) {
      const inside = [...texts].filter(([folder]) => folder === from || folder.startsWith(`${from}/`));
      if (inside.length === 0) return;
      before ??= session.rules;
      texts = new Map(texts);
      for (const [folder, text] of inside) {
        texts.delete(folder);
        texts.set(to + folder.slice(from.length), text);
      }
      session.rules = createIgnoreRules(texts);
    },
  };
}
