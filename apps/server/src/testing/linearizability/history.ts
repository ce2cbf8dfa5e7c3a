import { checkContents } from './check-contents.ts';
import { boundsOf, registersOf, type JournalEntry, type Operation, type ToldVersion } from './operation.ts';

/*
 * The exact check. The journal gives one order of all commits, so nothing has to be searched for: every answer tells where the head was when it was decided.
 *
 *   - what was answered as committed stands, once, at that position and hash; what was refused for certain stands nowhere
 *   - every head that was read or announced is a prefix of the final journal
 *   - an answer was decided not before anything that had been answered when it began, and not after what had been asked when it came
 *   - a refusal was right at the head it names
 *   - each entry builds on the version that stood before it
 *   - pages, lists of versions, snapshots and blocks hold all of what they speak of, and nothing else (check-contents.ts)
 */

type Registers = ReadonlyMap<string, readonly ToldVersion[]>;

/** Everything that is wrong with a history; operations in no order. */
export function checkHistory(operations: readonly Operation[], journal: readonly JournalEntry[]): string[] {
  const registers = registersOf(journal);
  const answered = answeredBefore(operations, registers);
  return [
    ...checkPlaces(operations, journal),
    ...checkRealTime(operations, registers, answered),
    ...checkFuture(operations, journal, registers),
    ...checkRefusals(operations, registers),
    ...checkVersions(registers),
    ...checkContents(operations, journal, registers, answered),
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
    if (!('hash' in outcome)) continue;
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

/** The newest position that had been answered to anybody before a moment. */
function answeredBefore(operations: readonly Operation[], registers: Registers): (ms: number) => number {
  const ends = operations
    .map((operation) => ({ endMs: operation.endMs, seq: boundsOf(operation, registers)?.atLeast ?? -1 }))
    .sort((a, b) => a.endMs - b.endMs);
  let newest = -1;
  const newestAt = ends.map(({ seq }) => (newest = Math.max(newest, seq)));
  return (ms) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle]?.endMs ?? Infinity) < ms) low = middle + 1;
      else high = middle;
    }
    return newestAt[low - 1] ?? -1;
  };
}

/** Nothing is decided at a position before one that had been answered when it began. */
function checkRealTime(
  operations: readonly Operation[],
  registers: Registers,
  answered: (ms: number) => number,
): string[] {
  return operations.flatMap((operation) => {
    const bounds = boundsOf(operation, registers);
    const known = answered(operation.startMs);
    if (bounds === undefined || bounds.below > known) return [];
    return [`${operation.outcome.kind} at ${bounds.atLeast} began after ${known} had been answered`];
  });
}

/** Nobody is told of an entry before it was asked for. */
function checkFuture(
  operations: readonly Operation[],
  journal: readonly JournalEntry[],
  registers: Registers,
): string[] {
  const asked = new Map(operations.flatMap(({ op, startMs }) => (op === undefined ? [] : [[op, startMs] as const])));
  // The earliest moment at which a head could be this far.
  const earliest: number[] = [];
  let latest = -Infinity;
  for (const { op } of journal) earliest.push((latest = Math.max(latest, asked.get(op) ?? -Infinity)));
  return operations.flatMap((operation) => {
    const position = boundsOf(operation, registers)?.atLeast;
    return position !== undefined && operation.endMs < (earliest[position] ?? -Infinity)
      ? [`${operation.outcome.kind} at ${position} was answered before that entry was asked for`]
      : [];
  });
}

/** A commit on one register's version is refused only where another version stands. */
function checkRefusals(operations: readonly Operation[], registers: Registers): string[] {
  return operations.flatMap(({ op, register, base, outcome }) => {
    if (outcome.kind !== 'refused' || register === undefined || base === undefined) return [];
    const last = (registers.get(register) ?? []).findLast(({ seq }) => seq <= outcome.seq);
    return last?.version === base ? [`${op ?? ''} was refused at ${outcome.seq}, where version ${base} stands`] : [];
  });
}

/** Compare-and-set held: a register's versions follow each other from the first one on, without a gap and without a repeat. */
function checkVersions(registers: Registers): string[] {
  return [...registers].flatMap(([register, versions]) =>
    versions.flatMap(({ version, seq }, i) => {
      const before = versions[i - 1]?.version ?? 0;
      return version === before + 1 ? [] : [`${seq} makes version ${version} of ${register} where ${before} stood`];
    }),
  );
}
