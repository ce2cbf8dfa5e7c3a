/*
 * `node bench/page.ts --folder DIR`: how the page answers in a folder where `bench/many-files.ts` has ended, while a large file is sent at full speed.
 * Real server, daemon and browser. Options: --seconds 20  --large-gib 2
 *
 * Long tasks and the time from a click to the next frame are those that the browser itself reports (Long Tasks and Event Timing, which
 * counts in steps of 8 ms and tells nothing below 16). A task that waits for the processor is long to it, too: how much of it the page's own
 * thread worked is in the browser's trace (`RunTask`, tdur), and what it worked on.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { runOk, startService, type Service } from '../tools/command-line.ts';
import { findChromium } from '../tools/test-run/chromium.mjs';
import { traceTasks, type Task } from './page-trace.ts';
import { openControlLine, type ControlLine } from './control-line.ts';
import { makeLargeFile } from './work.ts';

const PORT = 17_634;
const CLICK_ROUNDS = 5;
const LONG_TASK_MS = 50;
const SCREENS = ['Home', 'Activity', 'Files', 'Storage', 'Devices'];

interface Measured {
  readonly longTasksMs: number[];
  readonly clicksMs: number[];
}

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    'large-gib': { type: 'string', default: '2' },
  },
});
if (values.folder === undefined) throw new Error('say --folder DIR: where bench/many-files.ts has ended');
const folder = values.folder;
const home = join(folder, 'home');
const large = join(folder, 'tree', 'large.bin');
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs in the page, before anything of it. A text: what it names is the browser's and not Node's. */
const OBSERVE = `
  globalThis.measured = { longTasksMs: [], clicksMs: [] };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) measured.longTasksMs.push(duration);
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === 'click') measured.clicksMs.push(duration);
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });`;

/** What was measured since the last time. */
function take(page: Page): Promise<Measured> {
  return page.evaluate('({ longTasksMs: measured.longTasksMs.splice(0), clicksMs: measured.clicksMs.splice(0) })');
}

interface Moving {
  readonly upBytesPerSecond: number;
  readonly files: number;
}

async function movingOf(line: ControlLine): Promise<Moving> {
  const { progress, folders } = (await line.ask('status')) as {
    progress?: { bytesPerSecond: number };
    folders: readonly { files: number }[];
  };
  return {
    upBytesPerSecond: Math.round(progress?.bytesPerSecond ?? 0),
    files: folders.reduce((sum, { files }) => sum + files, 0),
  };
}

/** Down through the list and a little back up, as a hand on a wheel does. */
async function scroll(page: Page, forMs: number): Promise<void> {
  await page.mouse.move(640, 500);
  for (const endMs = performance.now() + forMs; performance.now() < endMs;) {
    for (let step = 0; step < 30; step++) {
      await page.mouse.wheel(0, step < 20 ? 400 : -400);
      await page.waitForTimeout(16);
    }
  }
}

async function measure(page: Page, line: ControlLine): Promise<Record<string, unknown>> {
  await page.addInitScript(OBSERVE);
  await page.goto((await runOk('onefold', ['ui', '--home', home])).trim());
  await page.getByRole('link', { name: 'Files', exact: true }).click();
  // A kept folder is open from the start.
  await page.getByRole('treeitem', { name: 'made' }).click();
  await page.getByRole('treeitem', { name: 'flat' }).click();
  await page.getByRole('treeitem', { name: 'file-' }).nth(10).waitFor();
  const began = await movingOf(line);
  await take(page);
  const tasks = await traceTasks(page, () => scroll(page, Number(values.seconds) * 1000));
  const scrolling = await take(page);
  const between = await movingOf(line);
  for (let round = 0; round < CLICK_ROUNDS; round++) {
    for (const name of SCREENS) {
      await page.getByRole('link', { name, exact: true }).click();
      await page.waitForTimeout(200);
    }
  }
  const clicking = await take(page);
  const clicks = clicking.clicksMs.sort((a, b) => a - b);
  return {
    load: loadavg()[0],
    moving: { began, between, ended: await movingOf(line) },
    scrolledSeconds: Number(values.seconds),
    longTasksWhileScrolling: scrolling.longTasksMs.length,
    longestTaskWhileScrollingMs: Math.max(0, ...scrolling.longTasksMs),
    tasksOfThePage: withoutWaiting(tasks),
    clicks: CLICK_ROUNDS * SCREENS.length,
    clicksReported: clicks.length,
    clickMedianMs: clicks[Math.floor(clicks.length / 2)] ?? null,
    slowestClickMs: clicks.at(-1) ?? null,
    longestTaskWhileClickingMs: Math.max(0, ...clicking.longTasksMs),
  };
}

/** What the page's own thread worked, whatever else the processor did meanwhile. */
function withoutWaiting(tasks: readonly Task[]): Record<string, unknown> {
  const worked = tasks.map(({ workedMs }) => workedMs).sort((a, b) => a - b);
  const long = tasks.filter(({ workedMs }) => workedMs > LONG_TASK_MS);
  return {
    count: tasks.length,
    longMeasuredByTheClock: tasks.filter(({ tookMs }) => tookMs > LONG_TASK_MS).length,
    longMeasuredByWork: long.length,
    p99WorkedMs: worked[Math.floor(worked.length * 0.99)] ?? null,
    mostWorkedMs: worked.at(-1) ?? null,
    longest: [...tasks].sort((a, b) => b.workedMs - a.workedMs).slice(0, 5),
  };
}

const services: Service[] = [];
try {
  services.push(
    await startService('onefold-server', ['--data', join(folder, 'server'), '--listen', `127.0.0.1:${PORT}`]),
  );
  services.push(await startService('onefold', ['daemon', '--home', home]));
  const line = openControlLine(home);
  while (((await line.ask('status')) as { state: string }).state !== 'idle') await sleep(1_000);
  makeLargeFile(large, Math.round(Number(values['large-gib']) * 2 ** 30));
  while ((await movingOf(line)).upBytesPerSecond === 0) await sleep(500);
  const browser = await chromium.launch({ executablePath: findChromium() ?? '' });
  try {
    const figures = await measure(await browser.newPage({ viewport: { width: 1280, height: 860 } }), line);
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
    const note = join(folder, 'figures.json');
    writeFileSync(
      note,
      `${JSON.stringify({ ...(JSON.parse(readFileSync(note, 'utf8')) as object), page: figures }, null, 1)}\n`,
    );
  } finally {
    await browser.close();
    line.close();
  }
} finally {
  rmSync(large, { force: true });
  for (const service of services.reverse()) await service.end('SIGTERM');
}
