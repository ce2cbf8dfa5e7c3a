import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Coverage, type CoverageJson } from './coverage.ts';
import { runPoolIn, startWorkers, type PoolOptions } from './sim-pool.ts';

/*
 * A long run in pieces, in a file that says how far it has come: ended at any moment, it goes on with the first seed of the piece it was in.
 * Seeds count under the commit they ran with.
 */

export interface Recorded {
  readonly from: string;
  readonly devices: readonly [number, number];
  readonly stepsPerSeed: number;
  /** Seeds run so far, from `from` on, none left out. */
  readonly seeds: number;
  readonly steps: number;
  readonly points: number;
  /** Of all pieces together, without the times between them. */
  readonly seconds: number;
  readonly commits: Readonly<Record<string, number>>;
  readonly failed: readonly { readonly seed: string; readonly promise: string; readonly commit: string }[];
  readonly coverage: CoverageJson;
}

export interface RecordOptions extends Omit<PoolOptions, 'count' | 'keepGoing'> {
  readonly path: string;
  /** Until the file has this many. */
  readonly target: number;
  readonly seedsPerPiece: number;
  readonly commit: string;
  readonly say: (line: string) => void;
}

/** Runs what is missing. Rejects where the file is of other numbers (first seed, devices, steps), or a worker dies. */
export async function recordSeeds(options: RecordOptions): Promise<Recorded> {
  const done = open(options);
  if (done.seeds >= options.target) return done;
  const workers = startWorkers(options.jobs);
  try {
    return await recordPieces(options, done, workers);
  } finally {
    for (const worker of workers) worker.kill();
  }
}

async function recordPieces(
  options: RecordOptions,
  before: Recorded,
  workers: Parameters<typeof runPoolIn>[0],
): Promise<Recorded> {
  let done = before;
  while (done.seeds < options.target) {
    const count = Math.min(options.seedsPerPiece, options.target - done.seeds);
    const from = options.from + BigInt(done.seeds);
    const piece = await runPoolIn(workers, { ...options, from, count, keepGoing: true });
    const { commit } = options;
    const coverage = new Coverage();
    coverage.addJson(done.coverage);
    coverage.add(piece.coverage);
    done = {
      ...done,
      seeds: done.seeds + piece.seeds,
      steps: done.steps + piece.steps,
      points: done.points + piece.points,
      seconds: done.seconds + piece.seconds,
      commits: { ...done.commits, [commit]: (done.commits[commit] ?? 0) + piece.seeds },
      failed: [...done.failed, ...piece.failures.map(({ seed, promise }) => ({ seed, promise, commit }))],
      coverage: coverage.toJson(),
    };
    writeWhole(options.path, done);
    options.say(
      `${done.seeds} of ${options.target} seeds, ${done.failed.length} failed, ${Math.round(done.seconds)} s`,
    );
  }
  return done;
}

function open({ path, from, devices, steps }: RecordOptions): Recorded {
  const fresh = { from: `${from}`, devices, stepsPerSeed: steps };
  if (!existsSync(path))
    return { ...fresh, seeds: 0, steps: 0, points: 0, seconds: 0, commits: {}, failed: [], coverage: {} };
  const known = JSON.parse(readFileSync(path, 'utf8')) as Recorded;
  const its = { from: known.from, devices: known.devices, stepsPerSeed: known.stepsPerSeed };
  if (JSON.stringify(its) !== JSON.stringify(fresh))
    throw new Error(`${path} is of another run: ${JSON.stringify(its)} and not ${JSON.stringify(fresh)}`);
  return known;
}

function writeWhole(path: string, recorded: Recorded): void {
  writeFileSync(`${path}.part`, `${JSON.stringify(recorded, null, 2)}\n`);
  renameSync(`${path}.part`, path);
}
