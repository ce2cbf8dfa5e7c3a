import type { Hash } from '@onefold/protocol';

/*
 * The exact check. The journal gives one order of all commits, so nothing has to be searched for: every answer names the position and hash it was decided at.
 *
 *   - what was answered as committed stands, once, at that position and hash; what was refused for certain stands nowhere
 *   - every head that was read is a prefix of the final journal
 *   - a head that was read lies not before anything that had been answered when the read began, and not after what had been asked when it was answered
 *   - a refusal was right at the head it names
 *   - each entry builds on the version that stood before it
 */

export type Outcome =
  | { readonly kind: 'read'; readonly seq: number; readonly hash: Hash }
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
  readonly node?: string;
  readonly base?: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: Outcome;
}

export interface JournalEntry {
  readonly op: string;
  readonly hash: Hash;
  /** What it changed, and the version that stands from then on. */
  readonly node?: string | undefined;
  readonly version?: number | undefined;
}

/** A node's version before any entry of the run has changed it. */
const FIRST_VERSION = 1;

/** Everything that is wrong with a history. `journal[seq]` is the entry at that position; operations in no order. */
export function checkHistory(operations: readonly Operation[], journal: readonly JournalEntry[]): string[] {
  return [
    ...checkPlaces(operations, journal),
    ...checkRealTime(operations),
    ...checkFuture(operations, journal),
    ...checkRefusals(operations, journal),
    ...checkVersions(journal),
  ];
}

function checkPlaces(operations: readonly Operation[], journal: readonly JournalEntry[]): string[] {
  const problems: string[] = [];
  const places = new Map<string, number>();
  for (const [seq, { op }] of journal.entries()) {
    const earlier = places.get(op);
    if (earlier !== undefined) problems.push(`${op} stands twice: at ${earlier} and ${seq}`);
    places.set(op, seq);
  }
  for (const { op, outcome } of operations) {
    if (outcome.kind === 'wrong') problems.push(`${op ?? 'a read'} was answered ${outcome.code}`);
    if (outcome.kind === 'wrong' || outcome.kind === 'unknown') continue;
    if (journal[outcome.seq]?.hash !== outcome.hash)
      problems.push(`${outcome.kind} ${op ?? ''} at ${outcome.seq}: that position has another hash`);
    if (op === undefined) continue;
    if (outcome.kind === 'committed' && places.get(op) !== outcome.seq)
      problems.push(`${op} was committed at ${outcome.seq} and stands at ${places.get(op) ?? 'no position'}`);
    if (outcome.kind === 'refused' && outcome.isFinal && places.has(op))
      problems.push(`${op} was refused and stands at ${places.get(op) ?? ''}`);
  }
  return problems;
}

function positionOf({ outcome }: Operation): number | undefined {
  return outcome.kind === 'unknown' || outcome.kind === 'wrong' ? undefined : outcome.seq;
}

/** Nothing is decided at a position before one that had been answered when it began. */
function checkRealTime(operations: readonly Operation[]): string[] {
  const problems: string[] = [];
  const placed = operations.filter((operation) => positionOf(operation) !== undefined);
  const byEnd = [...placed].sort((a, b) => a.endMs - b.endMs);
  const byStart = [...placed].sort((a, b) => a.startMs - b.startMs);
  let answered = -1;
  let at = 0;
  for (const operation of byStart) {
    for (let next = byEnd[at]; next !== undefined && next.endMs < operation.startMs; next = byEnd[++at])
      answered = Math.max(answered, positionOf(next) ?? -1);
    const position = positionOf(operation) ?? 0;
    const isStale = operation.outcome.kind === 'committed' ? position <= answered : position < answered;
    if (isStale) problems.push(`${operation.outcome.kind} at ${position} began after ${answered} had been answered`);
  }
  return problems;
}

/** Nobody reads an entry before it was asked for. */
function checkFuture(operations: readonly Operation[], journal: readonly JournalEntry[]): string[] {
  const asked = new Map(operations.flatMap(({ op, startMs }) => (op === undefined ? [] : [[op, startMs] as const])));
  // The earliest moment at which a head could be this far.
  const earliest: number[] = [];
  let latest = -Infinity;
  for (const { op } of journal) earliest.push((latest = Math.max(latest, asked.get(op) ?? -Infinity)));
  return operations.flatMap((operation) => {
    const position = positionOf(operation);
    return position !== undefined && operation.endMs < (earliest[position] ?? -Infinity)
      ? [`${operation.outcome.kind} at ${position} was answered before that entry was asked for`]
      : [];
  });
}

/** A commit on one node's version is refused only where another version stands. */
function checkRefusals(operations: readonly Operation[], journal: readonly JournalEntry[]): string[] {
  const changes = new Map<string, { readonly seq: number; readonly version: number }[]>();
  for (const [seq, { node, version }] of journal.entries()) {
    if (node === undefined || version === undefined) continue;
    const known = changes.get(node);
    if (known === undefined) changes.set(node, [{ seq, version }]);
    else known.push({ seq, version });
  }
  return operations.flatMap(({ op, node, base, outcome }) => {
    if (outcome.kind !== 'refused' || node === undefined || base === undefined) return [];
    const last = (changes.get(node) ?? []).findLast(({ seq }) => seq <= outcome.seq);
    return (last?.version ?? FIRST_VERSION) === base
      ? [`${op ?? ''} was refused at ${outcome.seq}, where version ${base} stands`]
      : [];
  });
}

/** Compare-and-set held: a node's versions follow each other without a gap and without a repeat. */
function checkVersions(journal: readonly JournalEntry[]): string[] {
  const versions = new Map<string, number>();
  return journal.flatMap(({ op, node, version }) => {
    if (node === undefined || version === undefined) return [];
    const before = versions.get(node) ?? FIRST_VERSION;
    versions.set(node, version);
    return version === before + 1 ? [] : [`${op} makes version ${version} where ${before} stood`];
  });
}
