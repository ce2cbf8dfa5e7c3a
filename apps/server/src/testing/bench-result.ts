import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const loadBefore = loadavg()[0];

/** Keeps figures in bench/results/, with what they were measured on, and prints them. */
export function keepResult(what: string, figures: object): void {
  const date = new Date().toISOString();
  const result = {
    what,
    date,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).toString().trim(),
    machine: {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      memoryBytes: totalmem(),
      node: process.version,
      loadBefore,
      loadAfter: loadavg()[0],
    },
    ...figures,
  };
  const file = join(ROOT, 'bench/results', `${what}-${date.slice(0, 10)}.json`);
  mkdirSync(join(ROOT, 'bench/results'), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n${file}\n`);
}

/** Of times in milliseconds, to a hundredth. */
export function spread(times: readonly number[]): { count: number; p50Ms: number; p99Ms: number; maxMs: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) * 100) / 100;
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
