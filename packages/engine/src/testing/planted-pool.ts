import { giveTask, startTasked } from './tasked-process.ts';

export interface PlantedTask {
  /** Its place in PLANTED_BUGS. */
  readonly bug: number;
  readonly seeds: readonly string[];
}

export interface PlantedAnswer {
  readonly caught: { readonly seed: string; readonly promise: string } | null;
  /** Seeds run up to there. */
  readonly tried: number;
}

/** A process in which bugs are planted. */
export interface PlantedProcess {
  /** Rejects when the process dies, as it does where a patch does not fit. One at a time. */
  look(task: PlantedTask): Promise<PlantedAnswer>;
  end(): void;
}

export function startPlanted(): PlantedProcess {
  const child = startTasked('planted-worker.ts');
  return {
    look: (task) => giveTask<PlantedAnswer>(child, task, 'the process with the bugs'),
    end: () => child.kill(),
  };
}
