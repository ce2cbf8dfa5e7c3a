import type { Page } from '@playwright/test';

/** One task of the page's main thread, in milliseconds. */
export interface Task {
  /** By the clock. */
  readonly tookMs: number;
  /** Of that, what the thread itself worked. */
  readonly workedMs: number;
  /** What took most of it, each with what it worked. */
  readonly parts: Record<string, number>;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const CATEGORIES = ['toplevel', 'devtools.timeline', 'v8', 'blink', 'cc', '__metadata', 'disabled-by-default-v8.gc'];
const LEAST_PART_MS = 2;
const rounded = (us: number): number => Math.round(us / 10) / 100;

/** Carries out `act`, and answers every task that the page's main thread ran meanwhile. */
export async function traceTasks(page: Page, act: () => Promise<void>): Promise<Task[]> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => void events.push(...(value as unknown as TraceEvent[])));
  const isComplete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'], recordMode: 'recordAsMuchAsPossible' },
  });
  await act();
  await session.send('Tracing.end');
  await isComplete;
  await session.detach();
  return tasksOf(events);
}

/** The tasks of the renderer's thread that has most of them: the page's. */
function tasksOf(events: readonly TraceEvent[]): Task[] {
  const threads = new Map<string, TraceEvent[]>();
  const mains = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  for (const event of events) {
    const thread = `${event.pid}/${event.tid}`;
    if (event.ph !== 'X' || !mains.has(thread)) continue;
    const its = threads.get(thread) ?? [];
    its.push(event);
    threads.set(thread, its);
  }
  const [main = []] = [...threads.values()].sort((a, b) => b.length - a.length);
  const sorted = [...main].sort((a, b) => a.ts - b.ts);
  const tasks: Task[] = [];
  let next = 0;
  for (const task of sorted.filter(({ name }) => name === 'ThreadControllerImpl::RunTask' || name === 'RunTask')) {
    const end = task.ts + (task.dur ?? 0);
    while (next < sorted.length && (sorted[next]?.ts ?? 0) < task.ts) next++;
    const parts: Record<string, number> = {};
    for (let at = next; at < sorted.length && (sorted[at]?.ts ?? 0) <= end; at++) {
      const { name, tdur = 0 } = sorted[at] ?? task;
      if (sorted[at] !== task) parts[name] = (parts[name] ?? 0) + tdur;
    }
    const large = Object.entries(parts)
      .map(([name, us]): [string, number] => [name, rounded(us)])
      .filter(([, ms]) => ms >= LEAST_PART_MS)
      .sort(([, a], [, b]) => b - a);
    tasks.push({
      tookMs: rounded(task.dur ?? 0),
      workedMs: rounded(task.tdur ?? task.dur ?? 0),
      parts: Object.fromEntries(large),
    });
  }
  return tasks;
}
