import type { JournalEntry, Operation, Outcome, Stretch, ToldVersion } from './operation.ts';

type Registers = ReadonlyMap<string, readonly ToldVersion[]>;
type Told<K extends Outcome['kind']> = Extract<Outcome, { kind: K }>;

/** What is wrong in answers that hold more than a head: they lack something, or tell of something else than what stands. */
export function checkContents(
  operations: readonly Operation[],
  journal: readonly JournalEntry[],
  registers: Registers,
  answered: (ms: number) => number,
): string[] {
  const placeOf = new Map(
    journal.flatMap(({ changes }, seq) =>
      changes.flatMap(({ blocks }) => blocks.map((block) => [block, seq] as const)),
    ),
  );
  return operations.flatMap(({ outcome, startMs }) => {
    switch (outcome.kind) {
      case 'read':
        return outcome.page === undefined ? [] : checkPage(outcome.page, journal, outcome.seq);
      case 'skipped':
        return checkPage(outcome.page, journal, Infinity);
      case 'versions':
        return checkList(outcome, registers.get(outcome.register) ?? []);
      case 'snapshot':
        return checkSnapshot(outcome, registers);
      case 'blocks':
        return outcome.lacking
          .filter((block) => (placeOf.get(block) ?? Infinity) <= answered(startMs))
          .map((block) => `block ${block} was not there after its entry ${placeOf.get(block) ?? ''} had been answered`);
      default:
        return [];
    }
  });
}

/** A page begins behind `after`, leaves nothing out, and holds at least one entry where there are some up to `head`. */
function checkPage({ after, entries }: Stretch, journal: readonly JournalEntry[], head: number): string[] {
  const name = `a page behind ${after}`;
  if (entries.length === 0) return after < head ? [`${name} holds nothing, though the head is ${head}`] : [];
  return entries.flatMap(({ seq, hash }, i) => {
    if (seq !== after + 1 + i) return [`${name} tells of ${seq} where ${after + 1 + i} is due`];
    if (seq > head) return [`${name} tells of ${seq}, past its own head ${head}`];
    return journal[seq]?.entry === hash ? [] : [`${name} has another entry at ${seq}`];
  });
}

const isSame = (a: ToldVersion | undefined, b: ToldVersion): boolean =>
  a !== undefined && a.version === b.version && a.seq === b.seq && a.sealed === b.sealed;

/** A list holds true versions, none missing between them, and goes down to the first one unless it says that there are older ones. */
function checkList(
  { register, before, hasOlder, versions }: Told<'versions'>,
  stands: readonly ToldVersion[],
): string[] {
  const problems: string[] = [];
  const name = `a list of ${register}`;
  for (const [i, told] of versions.entries()) {
    if (!isSame(stands[told.version - 1], told)) problems.push(`${name} has another version ${told.version}`);
    if (told.version >= before) problems.push(`${name} has version ${told.version}, not asked for below ${before}`);
    const due = i === 0 ? (hasOlder ? told.version : 1) : (versions[i - 1]?.version ?? 0) + 1;
    if (told.version !== due) problems.push(`${name} has version ${told.version} where ${due} is due`);
  }
  if (hasOlder && versions[0]?.version === 1) problems.push(`${name} tells of versions older than the first`);
  return problems;
}

/** A snapshot holds every register as it was after that entry. */
function checkSnapshot({ seq, registers: told }: Told<'snapshot'>, registers: Registers): string[] {
  const problems: string[] = [];
  const name = `the snapshot as of ${seq}`;
  for (const [register, versions] of registers) {
    const stood = versions.findLast((version) => version.seq <= seq);
    const its = told.get(register);
    if (stood === undefined ? its !== undefined : !isSame(its, stood))
      problems.push(`${name} has version ${its?.version ?? 'none'} of ${register}, not ${stood?.version ?? 'none'}`);
  }
  for (const register of told.keys()) if (!registers.has(register)) problems.push(`${name} has ${register}`);
  return problems;
}
