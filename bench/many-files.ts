/*
 * `node bench/many-files.ts --folder DIR`: a device that takes in very many files. May be run in pieces: after `--minutes` everything is ended, and the
 * next run goes on where it stood. Ends with exit code 0 when all is done, 3 when there is more to do. Options: --files 100000  --minutes 9
 *
 *   made -> import (asked all the while for its status, to pause and resume, and for a list of another folder)
 *        -> edit (one file among all of them, a hundred times) -> idle (the daemon started again, at rest) -> done
 *
 * What is kept in DIR/figures.json: milliseconds from asking to answer, once as the clock says, and once without what the two threads that ask and
 * answer waited for a processor, which others on the same machine took from them. Linux only.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runOk, startService, type Service } from '../tools/command-line.ts';
import { openControlLine, type ControlLine } from './control-line.ts';
import { allThreadTimes, mainThreadTimes, processUse } from './process-use.ts';
import { makeSmallFiles } from './work.ts';

const MIB = 2 ** 20;
const PORT = 17_634;
const EDITS = 100;
const IDLE_SECONDS = 60;

interface Sample {
  readonly wallMs: number;
  readonly withoutWaitMs: number;
}

interface Progress {
  files: number;
  at: 'import' | 'edit' | 'idle' | 'done';
  importSeconds: number;
  importCpuSeconds: number;
  mostRssMib: number;
  loads: number[];
  samples: Record<string, Sample[]>;
  editCpuMs: number[];
  figures: Record<string, unknown>;
}

interface Status {
  readonly state: string;
  readonly pending: number;
  readonly notYetSafe: number;
  readonly folders: readonly { readonly path: string; readonly files: number; readonly head: number }[];
}

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    files: { type: 'string', default: '100000' },
    minutes: { type: 'string', default: '9' },
  },
});
if (values.folder === undefined) throw new Error('say --folder DIR: where it may work');
const folder = values.folder;
const noteFile = join(folder, 'figures.json');
const home = join(folder, 'home');
const [tree, other] = [join(folder, 'tree'), join(folder, 'other')];
const deadlineMs = performance.now() + Number(values.minutes) * 60_000;
const isLate = (): boolean => performance.now() > deadlineMs;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const round = (value: number): number => Math.round(value * 10) / 10;

function spread(values: readonly number[]): Record<string, number> {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN);
  return { median: at(0.5), p90: at(0.9), p99: at(0.99), worst: at(1) };
}

function spreads(samples: readonly Sample[]): Record<string, unknown> {
  return {
    count: samples.length,
    wall: spread(samples.map(({ wallMs }) => wallMs)),
    withoutWaitForProcessor: spread(samples.map(({ withoutWaitMs }) => withoutWaitMs)),
  };
}

function note(progress: Progress): void {
  progress.loads.push(round(loadavg()[0] ?? 0));
  writeFileSync(noteFile, `${JSON.stringify(progress, null, 1)}\n`);
}

async function setUp(): Promise<void> {
  const password = join(folder, 'password.txt');
  writeFileSync(password, 'benchmark password\n', { mode: 0o600 });
  await runOk('onefold', [
    ...['account', 'create', '--server', `http://127.0.0.1:${PORT}`, '--email', 'bench@onefold.example'],
    ...['--password-file', password, '--kit', join(folder, 'kit'), '--device-name', 'left', '--home', home],
  ]);
  for (const one of [tree, other]) {
    mkdirSync(one);
    await runOk('onefold', ['add', one, '--namespace', one === tree ? 'tree' : 'other', '--home', home]);
  }
  for (let i = 0; i < 200; i++) writeFileSync(join(other, `file-${i}`), `${i}`);
}

/** Asks again and again until told to stop; answers how long each answer took. */
function sample(
  pid: number,
  everyMs: number,
  ask: (line: ControlLine, round: number) => Promise<unknown>,
  taken: Sample[],
): () => Promise<void> {
  const line = openControlLine(home);
  let isOver = false;
  const asking = (async () => {
    for (let round = 0; !isOver; round++) {
      const waitedMs = (): number => mainThreadTimes(pid).waitedMs + mainThreadTimes(process.pid).waitedMs;
      const [startMs, waitedBeforeMs] = [performance.now(), waitedMs()];
      await ask(line, round);
      const wallMs = performance.now() - startMs;
      taken.push({ wallMs, withoutWaitMs: Math.max(0, wallMs - (waitedMs() - waitedBeforeMs)) });
      await sleep(everyMs);
    }
    line.close();
  })();
  return () => {
    isOver = true;
    return asking;
  };
}

const statusOf = async (line: ControlLine): Promise<Status> => (await line.ask('status')) as Status;
const isSafe = ({ state, pending, notYetSafe }: Status): boolean =>
  state === 'idle' && pending === 0 && notYetSafe === 0;

async function untilSafe(line: ControlLine): Promise<void> {
  while (!isSafe(await statusOf(line))) await sleep(1_000);
}

/** False: there was no time to end it. */
async function importAll(progress: Progress, daemon: Service): Promise<boolean> {
  const line = openControlLine(home);
  const made = join(folder, 'made');
  if (!existsSync(made) && !existsSync(join(tree, 'made'))) {
    await untilSafe(line);
    // A fifth in one folder, the others a hundred to a folder.
    const flat = Math.floor(progress.files / 5);
    makeSmallFiles(join(made, 'many'), progress.files - flat);
    mkdirSync(join(made, 'flat'));
    for (let i = 0; i < flat; i++)
      writeFileSync(join(made, 'flat', `file-${i}.txt`), `line ${i}\n`.repeat(10 + (i % 50)));
  }
  if (existsSync(made)) renameSync(made, join(tree, 'made'));
  const [startMs, startSeconds, startCpu] = [performance.now(), progress.importSeconds, progress.importCpuSeconds];
  const cpuBefore = processUse(daemon.pid).cpuMs;
  const { status = [], pauseAndResume = [], pauseOfImport = [], list = [] } = progress.samples;
  progress.samples = { status, pauseAndResume, pauseOfImport, list };
  const ends = [
    sample(daemon.pid, 20, (asked) => asked.ask('status'), status),
    sample(
      daemon.pid,
      1_000,
      (asked, i) => asked.ask(i % 2 > 0 ? 'resume' : 'pause', { folder: other }),
      pauseAndResume,
    ),
    sample(daemon.pid, 500, (asked) => asked.ask('ls', { folder: other, path: '' }), list),
    sample(
      daemon.pid,
      // Mostly it is to import.
      2_500,
      async (asked, i) => asked.ask(i % 4 === 2 ? 'pause' : 'resume', { folder: tree }),
      pauseOfImport,
    ),
  ];
  let isDone = false;
  for (let i = 0; !isDone && !isLate(); i++) {
    await sleep(1_000);
    const now = await statusOf(line);
    const { cpuMs, mostRssBytes } = processUse(daemon.pid);
    progress.mostRssMib = Math.max(progress.mostRssMib, Math.round(mostRssBytes / MIB));
    progress.importSeconds = Math.round(startSeconds + (performance.now() - startMs) / 1000);
    progress.importCpuSeconds = Math.round(startCpu + (cpuMs - cpuBefore) / 1000);
    if (i % 20 === 0) {
      note(progress);
      process.stderr.write(
        `${progress.importSeconds} s, ${now.notYetSafe} not yet safe, ${String(progress.loads.at(-1))}\n`,
      );
    }
    isDone = now.notYetSafe === 0 && (now.folders.find(({ path }) => path === tree)?.files ?? 0) >= progress.files;
  }
  for (const end of ends) await end();
  for (const one of [tree, other]) await line.ask('resume', { folder: one });
  line.close();
  for (const [name, samples] of Object.entries(progress.samples)) progress.figures[name] = spreads(samples);
  return isDone;
}

/** Processor time of all of the daemon's threads, and the time until the server has the edit. */
async function editMany(progress: Progress, daemon: Service): Promise<boolean> {
  const line = openControlLine(home);
  await untilSafe(line);
  await sleep(10_000);
  const { edit = [] } = progress.samples;
  progress.samples = { ...progress.samples, edit };
  const { editCpuMs: cpu } = progress;
  while (cpu.length < EDITS && !isLate()) {
    const number = (cpu.length * 7_919) % Math.floor((progress.files * 4) / 5);
    const path = join(tree, 'made', 'many', String(Math.floor(number / 100)), `file-${number}.dat`);
    const headOf = async (): Promise<number> =>
      (await statusOf(line)).folders.find((one) => one.path === tree)?.head ?? 0;
    const head = await headOf();
    const before = allThreadTimes(daemon.pid);
    const startMs = performance.now();
    writeFileSync(path, `edited ${cpu.length} `.repeat(500));
    while ((await headOf()) <= head) await sleep(100);
    const wallMs = performance.now() - startMs;
    // What comes after the answer is part of it.
    await sleep(500);
    const after = allThreadTimes(daemon.pid);
    cpu.push(round(after.ranMs - before.ranMs));
    edit.push({ wallMs, withoutWaitMs: Math.max(0, wallMs - (after.waitedMs - before.waitedMs)) });
    await sleep(200);
  }
  line.close();
  progress.figures['editCpuMs'] = spread(cpu);
  progress.figures['editUntilCommitted'] = spreads(edit);
  return cpu.length >= EDITS;
}

async function rest(progress: Progress, daemon: Service): Promise<void> {
  const line = openControlLine(home);
  await untilSafe(line);
  line.close();
  await sleep(45_000);
  const before = processUse(daemon.pid);
  await sleep(IDLE_SECONDS * 1_000);
  const after = processUse(daemon.pid);
  progress.figures['idleRssMib'] = round(after.rssBytes / MIB);
  progress.figures['idleCpuPercent'] = round(((after.cpuMs - before.cpuMs) / IDLE_SECONDS / 10) * 100) / 100;
}

mkdirSync(folder, { recursive: true });
const isNew = !existsSync(noteFile);
const server = await startService('onefold-server', [
  ...['--data', join(folder, 'server'), '--listen', `127.0.0.1:${PORT}`],
]);
let daemon: Service | null = null;
let isOver = true;
try {
  if (isNew) {
    await setUp();
    const files = Number(values.files);
    note({
      ...{ files, at: 'import', importSeconds: 0, importCpuSeconds: 0, mostRssMib: 0, loads: [] },
      ...{ samples: {}, editCpuMs: [], figures: {} },
    });
  }
  const progress = JSON.parse(readFileSync(noteFile, 'utf8')) as Progress;
  daemon = await startService('onefold', ['daemon', '--home', home]);
  if (progress.at === 'import') {
    isOver = await importAll(progress, daemon);
    if (isOver) progress.at = 'edit';
    note(progress);
  }
  if (isOver && progress.at === 'edit') {
    isOver = await editMany(progress, daemon);
    if (isOver) progress.at = 'idle';
    note(progress);
  }
  if (isOver && progress.at === 'idle') {
    await daemon.end('SIGTERM');
    daemon = await startService('onefold', ['daemon', '--home', home]);
    await rest(progress, daemon);
    progress.at = 'done';
    note(progress);
  }
  const { importSeconds, importCpuSeconds, mostRssMib, figures } = progress;
  const loads = { least: Math.min(...progress.loads), most: Math.max(...progress.loads) };
  process.stdout.write(
    `${JSON.stringify({ at: progress.at, importSeconds, importCpuSeconds, mostRssMib, loads, ...figures }, null, 2)}\n`,
  );
} finally {
  await daemon?.end('SIGTERM');
  await server.end('SIGTERM');
}
process.exit(isOver ? 0 : 3);
