import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

/** How nice each thread of this process is (proc_pid_stat(5): field 19). */
function niceOfThreads(): number[] {
  return readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

test.runIf(process.platform === 'linux')('only the thread that asks for it lets the others go before', async () => {
  const before = niceOfThreads();
  const source = `
    const { parentPort } = require('node:worker_threads');
    import(${JSON.stringify(new URL('./give-way.ts', import.meta.url).href)}).then(({ giveWay }) => {
      giveWay();
      parentPort.on('message', () => process.exit());
      parentPort.postMessage('given way');
    });`;
  const worker = new Worker(source, { eval: true });
  await once(worker, 'message');
  const during = niceOfThreads();
  worker.postMessage('end');
  await once(worker, 'exit');
  const base = Math.min(...before);
  expect(during.filter((nice) => nice > base)).toHaveLength(before.filter((nice) => nice > base).length + 1);
});
