import type { Hash } from '@onefold/protocol';

/* What a run notes of everything that was asked and answered. Times are milliseconds of one monotonic clock. */

/** An entry as a page told it: its position, and the hash of header and signature, which name everything in it. */
export interface ToldEntry {
  readonly seq: number;
  readonly hash: Hash;
}

/** Entries that were told as those which follow each other behind `after`. */
export interface Stretch {
  readonly after: number;
  readonly entries: readonly ToldEntry[];
}

/** One version of a register (a file's content, a node's attributes), the position of its entry, and the hash of what is sealed in it. */
export interface ToldVersion {
  readonly version: number;
  readonly seq: number;
  readonly sealed: Hash;
}

export type Outcome =
  | { readonly kind: 'read'; readonly seq: number; readonly hash: Hash; readonly page?: Stretch }
  /** Hashes of all entries up to the head. */
  | { readonly kind: 'skipped'; readonly page: Stretch }
  /** Versions of a register below `before`, oldest first, from the newest down. */
  | {
      readonly kind: 'versions';
      readonly register: string;
      readonly before: number;
      readonly hasOlder: boolean;
      readonly versions: readonly ToldVersion[];
    }
  /** Every register as it was after the entry at `seq`. */
  | { readonly kind: 'snapshot'; readonly seq: number; readonly registers: ReadonlyMap<string, ToldVersion> }
  /** Asked for by their hashes; those that were not there. */
  | { readonly kind: 'blocks'; readonly lacking: readonly string[] }
  /** Came by itself. */
  | { readonly kind: 'announced'; readonly seq: number; readonly hash: Hash }
  /** Who waited for a head past `after` was told of none. */
  | { readonly kind: 'silence'; readonly after: number }
  | { readonly kind: 'committed'; readonly seq: number; readonly hash: Hash }
  /** Decided at this head; `isFinal` unless an earlier attempt was given up unanswered and may still come to stand. */
  | { readonly kind: 'refused'; readonly seq: number; readonly hash: Hash; readonly isFinal: boolean }
  | { readonly kind: 'unknown' }
  /** An answer no server that is right gives. */
  | { readonly kind: 'wrong'; readonly code: string };

export interface Operation {
  /** Of a commit. */
  readonly op?: string;
  /** What the commit changes, and the version it builds on. */
  readonly register?: string;
  readonly base?: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: Outcome;
}

/** What an entry makes of one register. */
export interface RegisterChange {
  readonly register: string;
  /** The version that stands from then on. */
  readonly version: number;
  readonly sealed: Hash;
  /** Blocks that it uses from then on, by their hashes. */
  readonly blocks: readonly string[];
}

/** `journal[seq]` is the entry at that position. */
export interface JournalEntry {
  readonly op: string;
  /** Of the journal up to here. */
  readonly hash: Hash;
  /** Of the entry alone. */
  readonly entry: Hash;
  readonly changes: readonly RegisterChange[];
}

/** Versions of every register as the journal has them, oldest first. */
export function registersOf(journal: readonly JournalEntry[]): ReadonlyMap<string, readonly ToldVersion[]> {
  const registers = new Map<string, ToldVersion[]>();
  for (const [seq, { changes }] of journal.entries())
    for (const { register, version, sealed } of changes) {
      const known = registers.get(register);
      if (known === undefined) registers.set(register, [{ version, seq, sealed }]);
      else known.push({ version, seq, sealed });
    }
  return registers;
}

/** Where the head was when an answer was decided: not before `atLeast`, and before `below`. */
export interface Bounds {
  readonly atLeast: number;
  readonly below: number;
}

/** Undefined where an answer says nothing of the head. */
export function boundsOf(
  { outcome }: Operation,
  registers: ReadonlyMap<string, readonly ToldVersion[]>,
): Bounds | undefined {
  switch (outcome.kind) {
    case 'read':
    case 'refused':
      return { atLeast: outcome.seq, below: outcome.seq + 1 };
    // Nothing that had been answered when it began stands at its position or behind.
    case 'committed':
      return { atLeast: outcome.seq, below: outcome.seq };
    case 'skipped': {
      const head = outcome.page.after + outcome.page.entries.length;
      return { atLeast: head, below: head + 1 };
    }
    case 'versions': {
      const newest = outcome.versions.at(-1);
      const missing = registers
        .get(outcome.register)
        ?.find(({ version }) => version > (newest?.version ?? 0) && version < outcome.before);
      return { atLeast: newest?.seq ?? 0, below: missing?.seq ?? Infinity };
    }
    case 'snapshot':
    case 'announced':
      return { atLeast: outcome.seq, below: Infinity };
    case 'silence':
      return { atLeast: 0, below: outcome.after + 1 };
    case 'blocks':
    case 'unknown':
    case 'wrong':
      return undefined;
  }
}
