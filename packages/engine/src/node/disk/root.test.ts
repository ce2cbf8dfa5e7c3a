import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, mkdirSync, renameSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDisk } from './disk.ts';
import { at, change, disk, record, reopen, root, scratch, useDisk } from './disk-ground.ts';

useDisk();

describe('the root', () => {
  it('is present as long as it is the folder that was added', async () => {
    appendFileSync(at('x'), '');
    expect(await disk.checkRoot()).toMatchObject({ outcome: 'present', stat: { kind: 'folder', inode: record.inode } });
  });

  it('is missing when moved away, and nothing is listed or changed any more', async () => {
    renameSync(root, path.join(scratch, 'elsewhere'));
    expect(await disk.checkRoot()).toEqual({ outcome: 'missing' });
    mkdirSync(root);
    expect(await disk.checkRoot()).toMatchObject({ outcome: 'replaced' });
    expect(await disk.list([''])).toEqual([{ outcome: 'failed', code: 'root-replaced' }]);
    expect(await change({ op: 'create-folder', path: 'd', mode: null })).toEqual({
      outcome: 'failed',
      code: 'root-replaced',
    });
  });

  it('is not its own copy', async () => {
    renameSync(root, path.join(scratch, 'original'));
    cpSync(path.join(scratch, 'original'), root, { recursive: true });
    expect(await disk.checkRoot()).toMatchObject({ outcome: 'replaced' });
  });

  it('belongs to one engine at a time, and a killed process lets go of it', async () => {
    await expect(openDisk(record)).rejects.toMatchObject({ code: 'root-in-use' });
    await disk.close();
    const holder = spawn(process.execPath, [
      '--input-type=module-typescript',
      '-e',
      `import { takeProcessLock } from ${JSON.stringify(path.join(import.meta.dirname, 'process-lock.ts'))};
       takeProcessLock(${JSON.stringify(at('.onefold/lock'))}, 'root-in-use'); console.log('held'); setInterval(() => {}, 1000);`,
    ]);
    await once(holder.stdout, 'data');
    await expect(openDisk(record)).rejects.toMatchObject({ code: 'root-in-use' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await reopen();
    expect(disk.nameRules()).toEqual({ system: 'linux', isCaseSensitive: true });
  });

  it('shows a folder without permission as unreadable rather than empty', async ({ skip }) => {
    if (process.getuid?.() === 0) skip('root reads everything');
    mkdirSync(at('closed'));
    chmodSync(at('closed'), 0);
    expect(await disk.list(['closed'])).toEqual([{ outcome: 'failed', code: 'access-denied' }]);
  });
});
