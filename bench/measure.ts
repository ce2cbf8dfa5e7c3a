import { readdirSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** How often a folder is looked at while something is awaited: the resolution of every figure here. */
const LOOK_EVERY_MS = 10;
const GIVE_UP_MS = 900_000;

/** Milliseconds from now until `isDone` first holds. Throws when it never does. */
export async function timeUntil(isDone: () => boolean, everyMs = LOOK_EVERY_MS): Promise<number> {
  const startMs = performance.now();
  while (!isDone()) {
    if (performance.now() - startMs > GIVE_UP_MS) throw new Error('it did not happen within a quarter of an hour');
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return performance.now() - startMs;
}

/** Number of files below a folder, the product's own entries left out; 0 where there is none. */
export function countFiles(folder: string): number {
  let count = 0;
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return 0;
  }
  for (const entry of entries) {
    if (entry.name.startsWith('.onefold') || entry.name.startsWith('.stfolder') || entry.name.startsWith('.syncthing.'))
      continue;
    if (entry.isDirectory()) count += countFiles(`${folder}/${entry.name}`);
    else if (entry.isFile()) count++;
  }
  return count;
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}

export interface Usage {
  readonly rssBytes: number;
  readonly cpuSeconds: number;
}

/** Resident memory and CPU time so far of a process and of those it has started (Linux): some tools only watch over the one that works. */
export async function usageOf(pid: number): Promise<Usage> {
  const own = await usageOfOne(pid);
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8')));
  const children = await Promise.all(
    lists
      .flatMap((list) => list.split(' ').filter(Boolean))
      .map(Number)
      .map(usageOf),
  );
  return {
    rssBytes: children.reduce((sum, { rssBytes }) => sum + rssBytes, own.rssBytes),
    cpuSeconds: children.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, own.cpuSeconds),
  };
}

async function usageOfOne(pid: number): Promise<Usage> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { rssBytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024, cpuSeconds: ticks / 100 };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
