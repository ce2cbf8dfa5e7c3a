/*
 * One process that runs seeds, as sim-pool.ts asks for them over the channel to its parent. Started with speedup/install.ts in front.
 */
import { Coverage } from './coverage.ts';
import { createSimEngine } from './sim-engine.ts';
import type { ChunkReport, FailureReport, WorkerTask } from './sim-pool.ts';
import { replay, runSeed, shrink, type Outcome, type SimulationOptions } from './simulation.ts';
import { serveTasks } from './tasked-process.ts';
import { Violation } from './violation.ts';

async function runChunk(task: WorkerTask): Promise<ChunkReport> {
  const { seeds, devices, steps, isOnce, shrinkAttempts, steering } = task;
  const options: SimulationOptions = {
    createEngine: createSimEngine,
    devices,
    steps,
    ...(steering === undefined ? {} : { steering }),
  };
  const coverage = new Coverage();
  const failures: FailureReport[] = [];
  let points = 0;
  let stepCount = 0;
  for (const seed of seeds) {
    const outcome = await runSeed(seed, options);
    points += outcome.points;
    stepCount += outcome.script.steps.length;
    coverage.add(outcome.coverage);
    const failed = await findFailure(outcome, options, isOnce);
    if (failed !== null) failures.push(describeFailure(await shrink(failed, options, shrinkAttempts)));
  }
  return { seeds: seeds.length, points, steps: stepCount, coverage: coverage.toJson(), failures };
}

async function findFailure(outcome: Outcome, options: SimulationOptions, isOnce: boolean): Promise<Outcome | null> {
  if (outcome.violation !== null) return outcome;
  if (isOnce) return null;
  const again = await replay(outcome.script, options);
  if (again.trace === outcome.trace) return null;
  return { ...again, violation: new Violation('the same twice', 'two runs of one script, two traces') };
}

function describeFailure({ script, violation, trace }: Outcome): FailureReport {
  return { seed: script.seed, promise: violation!.promise, message: violation!.message, trace, script };
}

serveTasks(runChunk);
