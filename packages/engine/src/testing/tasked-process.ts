import { fork, type ChildProcess } from 'node:child_process';

/* Both ends of a process of the simulation that does one task after another, asked over the channel to its parent. */

/** A world is thrown away whole: with this much room most of it never has to be moved. */
const ROOM_FOR_THE_YOUNG = ['--min-semi-space-size=16', '--max-semi-space-size=32'];

/** Starts a file of this folder, with speedup/install.ts in front. */
export function startTasked(file: string): ChildProcess {
  const install = new URL('speedup/install.ts', import.meta.url).href;
  const execArgv = [...ROOM_FOR_THE_YOUNG, '--import', install];
  return fork(new URL(file, import.meta.url), { execArgv, serialization: 'json' });
}

/** One at a time. Rejects when the process dies; `name` says which it was. */
export function giveTask<Answer>(child: ChildProcess, task: object, name: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`${name} ended with ${code}`));
    if (child.exitCode !== null || child.signalCode !== null) return onExit(child.exitCode);
    child.once('exit', onExit);
    child.once('message', (answer) => {
      child.off('exit', onExit);
      resolve(answer as Answer);
    });
    child.send(task);
  });
}

/** The process's own end. What fails ends it, after a word on stderr. */
export function serveTasks<Task>(work: (task: Task) => Promise<object>): void {
  process.on('message', (task: Task) => {
    work(task).then(
      (answer) => process.send!(answer),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        process.exit(70);
      },
    );
  });
}
