/*
 * `npm run bench`: the product and, in the same run and on the same work, every peer that is installed. Prints a table and keeps the figures
 * in bench/results/, unless the work was made smaller. Options: --peers onefold,rsync  --small 10000  --large-mib 512  --idle-seconds 30  --keep
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countFiles, median, sizeOf, timeUntil, usageOf } from './measure.ts';
import { onefold } from './peers/onefold.ts';
import { rsync, unison } from './peers/one-shot.ts';
import type { Peer, PeerKind } from './peers/peer.ts';
import { syncthing } from './peers/syncthing.ts';
import { makeLargeFile, makeSmallFiles, writeWithInsert } from './work.ts';

const KINDS: readonly PeerKind[] = [onefold, syncthing, unison, rsync];
const FULL = { smallFiles: 10_000, largeBytes: 512 * 1024 * 1024 };

interface Figures {
  smallFilesSeconds?: number;
  smallFilesPerSecond?: number;
  largeFileSeconds?: number;
  largeFileMibPerSecond?: number;
  insertSeconds?: number;
  folderRenameSeconds?: number;
  latencyMedianMs?: number;
  latencyWorstMs?: number;
  idleCpuPercent?: number;
  idleRssMib?: number;
}

/** Runs `act` and times it until `isDone`: by itself for those who watch, through a run for those who do not. */
async function timed(peer: Peer, act: () => void, isDone: () => boolean, everyMs?: number): Promise<number> {
  const startMs = performance.now();
  act();
  await peer.runOnce?.();
  await timeUntil(isDone, everyMs);
  return performance.now() - startMs;
}

async function measure(
  peer: Peer,
  scratch: string,
  small: number,
  largeBytes: number,
  idleSeconds: number,
): Promise<Figures> {
  const figures: Figures = {};
  const made = join(scratch, 'made');
  makeSmallFiles(made, small);
  const smallMs = await timed(
    peer,
    () => renameSync(made, join(peer.left, 'small')),
    () => countFiles(join(peer.right, 'small')) === small,
    50,
  );
  figures.smallFilesSeconds = smallMs / 1000;
  figures.smallFilesPerSecond = small / (smallMs / 1000);

  const large = join(scratch, 'large.bin');
  makeLargeFile(large, largeBytes);
  const largeMs = await timed(
    peer,
    () => renameSync(large, join(peer.left, 'large.bin')),
    () => sizeOf(join(peer.right, 'large.bin')) === largeBytes,
  );
  figures.largeFileSeconds = largeMs / 1000;
  figures.largeFileMibPerSecond = largeBytes / 1024 / 1024 / (largeMs / 1000);

  const edited = join(scratch, 'edited.bin');
  writeWithInsert(join(peer.left, 'large.bin'), edited, Math.floor(largeBytes / 2));
  figures.insertSeconds =
    (await timed(
      peer,
      () => renameSync(edited, join(peer.left, 'large.bin')),
      () => sizeOf(join(peer.right, 'large.bin')) === largeBytes + 1000,
    )) / 1000;

  figures.folderRenameSeconds =
    (await timed(
      peer,
      () => renameSync(join(peer.left, 'small'), join(peer.left, 'renamed')),
      () => countFiles(join(peer.right, 'renamed')) === small && countFiles(join(peer.right, 'small')) === 0,
      20,
    )) / 1000;

  const latencies: number[] = [];
  for (let i = 0; i < 20; i++) {
    latencies.push(
      await timed(
        peer,
        () => writeFileSync(join(peer.left, `note ${i}.txt`), `a short note, number ${i}`),
        () => sizeOf(join(peer.right, `note ${i}.txt`)) > 0,
        1,
      ),
    );
  }
  figures.latencyMedianMs = median(latencies);
  figures.latencyWorstMs = Math.max(...latencies);

  if (peer.leftPids.length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 35_000));
    const before = await Promise.all(peer.leftPids.map(usageOf));
    await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
    const after = await Promise.all(peer.leftPids.map(usageOf));
    const cpu = after.reduce((sum, usage, i) => sum + usage.cpuSeconds - (before[i]?.cpuSeconds ?? 0), 0);
    figures.idleCpuPercent = (cpu / idleSeconds) * 100;
    figures.idleRssMib = after.reduce((sum, usage) => sum + usage.rssBytes, 0) / 1024 / 1024;
  }
  return figures;
}

const LABELS: Readonly<Record<keyof Figures, string>> = {
  smallFilesSeconds: 'small files, s',
  smallFilesPerSecond: 'small files/s',
  largeFileSeconds: 'large file, s',
  largeFileMibPerSecond: 'large file, MiB/s',
  insertSeconds: '1,000 bytes inserted, s',
  folderRenameSeconds: 'folder renamed, s',
  latencyMedianMs: 'one small file, ms (median of 20)',
  latencyWorstMs: 'one small file, ms (worst of 20)',
  idleCpuPercent: 'idle, % of a core',
  idleRssMib: 'idle, MiB resident',
};

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d*$/u.test(text)) throw new Error(`--${option} takes a whole number above zero, not ${text}`);
  return Number(text);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      peers: { type: 'string' },
      small: { type: 'string', default: '10000' },
      'large-mib': { type: 'string', default: '512' },
      'idle-seconds': { type: 'string', default: '30' },
      keep: { type: 'boolean', default: false },
    },
  });
  const wanted = values.peers?.split(',');
  const unknown = wanted?.filter((name) => !KINDS.some((kind) => kind.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`no peer ${unknown.join(', ')}`);
  const small = wholeNumber('small', values.small);
  const largeBytes = wholeNumber('large-mib', values['large-mib']) * 1024 * 1024;
  const idleSeconds = wholeNumber('idle-seconds', values['idle-seconds']);
  const results: Record<string, { note: string; figures: Figures }> = {};
  for (const kind of KINDS) {
    if (wanted !== undefined && !wanted.includes(kind.name)) continue;
    if (!kind.isInstalled()) {
      process.stderr.write(`${kind.name} is not installed: left out\n`);
      continue;
    }
    process.stderr.write(`${kind.name} ...\n`);
    const folder = mkdtempSync(join(tmpdir(), `onefold-bench-${kind.name}-`));
    const scratch = join(folder, 'scratch');
    mkdirSync(scratch);
    const peer = await kind.start(join(folder, 'peer'));
    try {
      results[kind.name] = {
        note: peer.note,
        figures: await measure(peer, scratch, small, largeBytes, idleSeconds),
      };
    } finally {
      await peer.close();
      if (!values.keep) rmSync(folder, { recursive: true, force: true });
    }
  }
  report(results, small, largeBytes);
}

function report(results: Record<string, { note: string; figures: Figures }>, small: number, largeBytes: number): void {
  const names = Object.keys(results);
  const rows = (Object.keys(LABELS) as (keyof Figures)[]).map((figure) => {
    const cells = names.map((name) => results[name]?.figures[figure]?.toFixed(figure.endsWith('Ms') ? 0 : 2) ?? '-');
    return `| ${LABELS[figure]} | ${cells.join(' | ')} |`;
  });
  const table = [`| | ${names.join(' | ')} |`, `|---|${names.map(() => '---:|').join('')}`, ...rows].join('\n');
  process.stdout.write(`${table}\n`);
  if (small !== FULL.smallFiles || largeBytes !== FULL.largeBytes) {
    process.stderr.write('Smaller work than the full one: these figures are not kept.\n');
    return;
  }
  const at = new Date().toISOString();
  const machine = {
    system: `${platform()} ${release()}`,
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    load: loadavg().map((load) => Number(load.toFixed(1))),
    node: process.version,
  };
  const folder = fileURLToPath(new URL('results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const date = at.slice(0, 10);
  const record = { date, commit: commitHere(), machine, work: FULL, results };
  // A second run of a day stands beside the first.
  const time = at.slice(11, 19).replaceAll(':', '');
  writeFileSync(join(folder, `sync-${date}-${time}.json`), `${JSON.stringify(record, null, 2)}\n`);
}

/** What was measured: a commit, and whether the files differed from it. */
function commitHere(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}`;
}

await main();
