import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { usageOf } from './measure.ts';

const HELD_BYTES = 300 * 1024 * 1024;

test.skipIf(process.platform !== 'linux')('what a process has started counts as its own', async () => {
  const worker = `const held = Buffer.alloc(${HELD_BYTES}, 1); console.log('begun'); setInterval(() => held.length, 1000)`;
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(worker)}], { stdio: 'inherit' });
    process.once('SIGTERM', () => (child.kill(), process.exit()));`;
  const watching = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(watching.stdout, 'data');
    expect((await usageOf(watching.pid ?? -1)).rssBytes).toBeGreaterThan(HELD_BYTES);
  } finally {
    watching.kill();
    await once(watching, 'exit');
  }
});
