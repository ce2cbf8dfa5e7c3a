import { fork, type ChildProcess } from 'node:child_process';

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
  const install = new URL('speedup/install.ts', import.meta.url).href;
  const child: ChildProcess = fork(new URL('planted-worker.ts', import.meta.url), {
    execArgv: ['--import', install],
    serialization: 'json',
  });
  return {
    look: (task) =>
      new Promise((resolve, reject) => {
        const onExit = (code: number | null) => reject(new Error(`the process with the bugs ended with ${code}`));
        child.once('exit', onExit);
        child.once('message', (answer) => {
          child.off('exit', onExit);
          resolve(answer as PlantedAnswer);
        });
        child.send(task);
      }),
    end: () => child.kill(),
  };
}
