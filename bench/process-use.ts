import { readdirSync, readFileSync } from 'node:fs';

/** What the system says of one process and its threads (Linux). */
export interface ProcessUse {
  readonly rssBytes: number;
  /** The most it ever was. */
  readonly mostRssBytes: number;
  readonly cpuMs: number;
  /** Written to files and sockets. */
  readonly writtenBytes: number;
}

export function processUse(pid: number): ProcessUse {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const sizeOf = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return {
    rssBytes: sizeOf('VmRSS'),
    mostRssBytes: sizeOf('VmHWM'),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
    writtenBytes: Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0),
  };
}

/** How long a thread has run, and how long it could have run but waited for a processor, since it began. Milliseconds. */
export interface ThreadTimes {
  readonly ranMs: number;
  readonly waitedMs: number;
}

/** Of the thread that the process began with: in Node the one whose event loop answers. */
export function mainThreadTimes(pid: number): ThreadTimes {
  return timesOf(`/proc/${pid}/task/${pid}/schedstat`);
}

/** Of all threads there are now. */
export function allThreadTimes(pid: number): ThreadTimes {
  const times = readdirSync(`/proc/${pid}/task`).map((task) => timesOf(`/proc/${pid}/task/${task}/schedstat`));
  return {
    ranMs: times.reduce((sum, { ranMs }) => sum + ranMs, 0),
    waitedMs: times.reduce((sum, { waitedMs }) => sum + waitedMs, 0),
  };
}

function timesOf(file: string): ThreadTimes {
  try {
    const [ran = 0, waited = 0] = readFileSync(file, 'utf8').split(' ').map(Number);
    return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
  } catch {
    // A thread that has ended.
    return { ranMs: 0, waitedMs: 0 };
  }
}
