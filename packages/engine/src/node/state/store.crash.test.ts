import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ROOT_NODE, type Hash, type NodeId } from '@onefold/protocol';
import { openStore } from './store.ts';

const ROUNDS = 8;
const ROWS_PER_COMMIT = 20;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'state-crash-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Commits batch after batch, counting on from `first`, and says each number once its commit has resolved. */
const WRITER = `
  import { openStore } from ${JSON.stringify(path.join(import.meta.dirname, 'store.ts'))};
  const [file, first, rowsPerCommit] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
  const store = await openStore(file);
  const hex = (n) => n.toString(16).padStart(32, '0');
  for (let n = first; ; n++) {
    const rows = Array.from({ length: rowsPerCommit }, (_, i) => ({
      node: hex(n * rowsPerCommit + i), remote: null, synced: null,
      local: { kind: 'folder', parent: hex(0), name: 'f' + n, content: null, stat: { kind: 'folder', sizeBytes: 0, mtimeNs: 1n, ctimeNs: 1n,
        birthtimeNs: 0n, inode: BigInt(n * rowsPerCommit + i), device: 1n, linkCount: 1, mode: 0o755 } },
    }));
    await store.commit({ rows, cursor: { remoteSeq: n, remoteHash: '0'.repeat(64), recoveryEpoch: 0, epoch: 0, deviceSeq: n, ownSeq: -1 } });
    process.stdout.write(n + '\\n');
  }
`;

it(
  'holds every commit that had resolved, and no part of another, when its process is killed at any moment',
  { timeout: 240_000 },
  async () => {
    const file = path.join(folder, 'state.sqlite');
    const script = path.join(folder, 'writer.mjs');
    writeFileSync(script, WRITER);
    let next = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const writer = spawn(process.execPath, [script, file, String(next), String(ROWS_PER_COMMIT)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let told = '';
      writer.stdout.on('data', (part: Buffer) => (told += part.toString()));
      while (told.split('\n').length < 3 + round * 7) {
        if (writer.exitCode !== null) throw new Error('the writer ended by itself');
        await sleep(2);
      }
      writer.kill('SIGKILL');
      await once(writer, 'close');
      const resolved = Number(told.trimEnd().split('\n').at(-1));

      const store = await openStore(file);
      const cursor = await store.cursor();
      expect(cursor!.remoteSeq).toBeGreaterThanOrEqual(resolved);
      expect(cursor!.remoteHash).toBe('0'.repeat(64) as Hash);
      const rows = await store.childrenOf('local', ROOT_NODE);
      expect(rows).toHaveLength((cursor!.remoteSeq + 1) * ROWS_PER_COMMIT);
      expect(rows.at(-1)?.node).toBe((rows.length - 1).toString(16).padStart(32, '0') as NodeId);
      expect(await store.counts()).toMatchObject({ folders: rows.length });
      await store.close();
      next = cursor!.remoteSeq + 1;
    }
  },
);
