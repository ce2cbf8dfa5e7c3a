import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface ClusterNode {
  readonly url: string;
  readonly pid: number;
}

/** `npm run cluster`, as a person starts it in a terminal. */
export interface SpawnedCluster {
  readonly url: string;
  readonly nodes: readonly ClusterNode[];
  /** Of its logs and configurations. */
  readonly folder: string;
  /** Everything that runs because of it. */
  processes(): RunningProcess[];
  /** Ctrl+C: what a terminal sends to all that run in its foreground. Answers npm's exit code. */
  interrupt(): Promise<number | null>;
  /** Ends it whatever it is at. */
  kill(): Promise<void>;
}

/** A process and when it began: ids are used again. */
export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly beganAt: string;
  readonly command: string;
}

/** Starts it and waits until it has said where it is. Throws with its words when it ends before. */
export async function spawnCluster(): Promise<SpawnedCluster> {
  const child = spawn('npm', ['run', 'cluster'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (words += chunk));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const pid = child.pid ?? 0;
  const processes = (): RunningProcess[] => descendantsOf(pid);
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    void ended.then(([code]) => reject(new Error(`the cluster ended with ${code}: ${words}${said}`)));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      // The last of what it says.
      if (said.includes('Ctrl+C')) resolve();
    });
  });
  const [, url = ''] = / is ready at (\S+)/.exec(said) ?? [];
  const [, folder = ''] = /logs, configs +(\S+)/.exec(said) ?? [];
  const nodes = [...said.matchAll(/(http:\S+) \(pid (\d+)\)/g)].map(([, at = '', id]) => ({
    url: at,
    pid: Number(id),
  }));
  return {
    url,
    nodes,
    folder,
    processes,
    async interrupt() {
      process.kill(-pid, 'SIGINT');
      return (await ended)[0];
    },
    async kill() {
      for (const { pid: one } of processes()) if (one !== pid) signal(one, 'SIGKILL');
      signal(pid, 'SIGKILL');
      await ended;
    },
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

/** Those that still run. */
export function stillRunning(processes: readonly RunningProcess[]): RunningProcess[] {
  const now = new Map(allProcesses().map((one) => [one.pid, one.beganAt]));
  return processes.filter(({ pid, beganAt }) => now.get(pid) === beganAt);
}

function descendantsOf(pid: number): RunningProcess[] {
  const all = allProcesses();
  const found = all.filter((one) => one.pid === pid);
  for (const one of found) found.push(...all.filter(({ parent }) => parent === one.pid));
  return found;
}

function allProcesses(): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // PID (COMMAND) STATE PARENT ... BEGAN; the command may hold brackets and spaces.
        const text = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
        const [state, parent] = fields;
        if (state === 'Z') return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), parent: Number(parent), beganAt: fields[19] ?? '', command }];
      } catch {
        return [];
      }
    });
}
