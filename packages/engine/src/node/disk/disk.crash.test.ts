import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeviceId, NamespaceId } from '@onefold/protocol';
import { openDisk } from './disk.ts';
import { writeMarker, type RootRecord } from './root-marker.ts';

const ROUNDS = 8;
const VERSION_BYTES = 64 * 1024;

let scratch: string;
let root: string;
let record: RootRecord;
beforeEach(async () => {
  scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'disk-crash-')));
  root = path.join(scratch, 'root');
  mkdirSync(root);
  record = await writeMarker(root, {
    folderId: 'f',
    deviceId: 'd'.repeat(32) as DeviceId,
    namespaceId: 'a'.repeat(64) as NamespaceId,
  });
});
afterEach(() => rmSync(scratch, { recursive: true }));

/** Replaces `doc` by version after version, keeping each old one, and gives every tenth a name of its own. */
const WRITER = `
  import { readFileSync, writeFileSync } from 'node:fs';
  import { openDisk } from ${JSON.stringify(path.join(import.meta.dirname, 'disk.ts'))};
  const [root, first, bytes, json] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4]), process.argv[5]];
  const record = JSON.parse(json, (key, value) => (['volume', 'inode', 'birthtimeNs'].includes(key) ? BigInt(value) : value));
  const disk = await openDisk(record);
  for (let n = first; ; n++) {
    const staging = disk.stagingPath('');
    writeFileSync(root + '/' + staging, Buffer.alloc(bytes, String(n % 10)));
    const [stat, old] = await disk.stat([staging, 'doc']);
    const to = n % 10 === 9 ? 'new-' + n : 'doc';
    const [result] = await disk.change([{ op: 'move', from: staging, to, expectFrom: stat, expectTo: to === 'doc' ? old : null, keepAs: to === 'doc' ? disk.stagingPath('') : null }]);
    if (result.outcome !== 'done') throw new Error(result.outcome);
    process.stdout.write(n + ' ' + to + '\\n');
  }
`;

it(
  'leaves whole files and loses none when the process that moves them is killed at any moment',
  { timeout: 240_000 },
  async () => {
    writeFileSync(path.join(root, 'doc'), Buffer.alloc(VERSION_BYTES, 'x'));
    const script = path.join(scratch, 'writer.mjs');
    writeFileSync(script, WRITER);
    const json = JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
    let next = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const writer = spawn(process.execPath, [script, root, String(next), String(VERSION_BYTES), json], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let told = '';
      writer.stdout.on('data', (part: Buffer) => (told += part.toString()));
      while (told.split('\n').length < 5 + round * 11) {
        if (writer.exitCode !== null) throw new Error('the writer ended by itself');
        await sleep(2);
      }
      writer.kill('SIGKILL');
      await once(writer, 'close');
      const lines = told.trimEnd().split('\n');
      const [last, lastTo] = lines[lines.length - 1]!.split(' ') as [string, string];

      // Every name holds one whole version, the last one told of or its successor.
      const doc = readFileSync(path.join(root, 'doc'));
      expect(doc.length).toBe(VERSION_BYTES);
      expect(new Set(doc).size).toBe(1);
      for (const name of readdirSync(root).filter((one) => one.startsWith('new-'))) {
        const bytes = readFileSync(path.join(root, name));
        expect(bytes.equals(Buffer.alloc(VERSION_BYTES, '9')), name).toBe(true);
      }
      for (const line of lines) {
        const to = line.split(' ')[1]!;
        expect(lstatSync(path.join(root, to)).isFile()).toBe(true);
      }
      if (lastTo === 'doc') expect([Number(last) % 10, (Number(last) + 1) % 10]).toContain(doc[0]! - 48);
      next = Number(last) + 2;

      // Nothing in the folder itself but what was meant to be there; the lock is free at once.
      expect(readdirSync(root).every((name) => name === 'doc' || name === '.onefold' || name.startsWith('new-'))).toBe(
        true,
      );
      const disk = await openDisk(record);
      await disk.discard(await disk.listStaging());
      expect(await disk.listStaging()).toEqual([]);
      await disk.close();
    }
  },
);
