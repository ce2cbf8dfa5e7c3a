import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockFile } from '../data-folder.ts';
import { printedBy } from '../testing/printed-by.ts';
import { startTestServer } from '../testing/started-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient, createFile, packOf, randomBlock, valueOf } from '../testing/test-client.ts';
import { backUp } from './backup.ts';
import { restore } from './restore.ts';

// Where a backup may go, and what is made of one that is not whole: by people in a hurry, on disks that fail.

async function serverWith(packs: number) {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  const write = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const block = randomBlock(2_000);
      valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
    }
  };
  await write(packs);
  return { data, write };
}

const packsIn = (folder: string): string[] =>
  readdirSync(join(folder, 'packs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pack'))
    .map((name) => join(folder, 'packs', name))
    .sort();
const run = async (...args: string[]) => {
  const { code, printed } = await printedBy(['admin', ...args, '--json']);
  return { exit: code, ...(JSON.parse(printed) as { code?: string; missing?: string[] }) };
};

test('a backup goes neither into its data folder nor around it, by whatever name: it would end by removing packs', async () => {
  const { data } = await serverWith(2);
  const link = join(temporaryFolder(), 'link');
  symlinkSync(data, link);
  const before = readdirSync(data, { recursive: true }).sort();
  for (const target of [
    data,
    join(data, 'packs'),
    join(data, 'copies', 'daily'),
    join(data, '..'),
    link,
    join(link, 'new'),
  ])
    await expect(backUp(data, target, Date.now()), target).rejects.toMatchObject({ code: 'invalid-argument' });
  expect(readdirSync(data, { recursive: true }).sort()).toEqual(before);
  await backUp(data, `${data}-backup`, Date.now());
  rmSync(`${data}-backup`, { recursive: true });
});

test('what lies in the same place and is no part of a backup stays', async () => {
  const { data } = await serverWith(1);
  const target = temporaryFolder();
  mkdirSync(join(target, 'packs', 'holiday'), { recursive: true });
  const mine = [
    join(target, 'packs', 'mine.txt'),
    join(target, 'packs', 'holiday', 'a.pack'),
    join(target, 'notes.db'),
  ];
  for (const file of mine) writeFileSync(file, 'mine');
  await backUp(data, target, Date.now());
  await backUp(data, target, Date.now());
  expect(mine.filter((file) => !existsSync(file))).toEqual([]);
});

test('the backup of another server is not replaced; that of the one it was restored from is', async () => {
  const [one, other] = [await serverWith(2), await serverWith(1)];
  const target = join(temporaryFolder(), 'backup');
  await backUp(one.data, target, Date.now());
  await expect(backUp(other.data, target, Date.now())).rejects.toMatchObject({ code: 'invalid-argument' });
  expect(packsIn(target)).toHaveLength(2);
  const restored = join(temporaryFolder(), 'restored');
  await restore(target, restored, Date.now());
  expect(await backUp(restored, target, Date.now())).toMatchObject({ packs: 2, copied: 0 });
});

test('of two backups into one place at the same time the second one is refused', async () => {
  const { data } = await serverWith(1);
  const target = join(temporaryFolder(), 'backup');
  await backUp(data, target, Date.now());
  const held = lockFile(join(target, 'backup.lock'), () => 'held');
  await expect(backUp(data, target, Date.now())).rejects.toMatchObject({ code: 'daemon-running' });
  held.close();
  await backUp(data, target, Date.now());
});

test.skipIf(process.platform !== 'linux')('a place that takes no folder is refused at once', async () => {
  const { data } = await serverWith(0);
  await expect(backUp(data, '/proc/backup', Date.now())).rejects.toMatchObject({ code: 'disk-error' });
});

test('a server that has lost a pack is backed up all the same: that is said, and what an earlier backup has of it stays', async () => {
  const { data, write } = await serverWith(2);
  const target = join(temporaryFolder(), 'backup');
  await backUp(data, target, Date.now());
  const [kept = ''] = packsIn(data);
  rmSync(kept);
  // The earlier backup has it.
  expect(await run('backup', target, '--data', data)).toMatchObject({ exit: 0, packs: 2, missing: [] });
  const known = new Set(packsIn(data));
  await write(1);
  const [lost = ''] = packsIn(data).filter((pack) => !known.has(pack));
  rmSync(lost);
  const report = await run('backup', target, '--data', data);
  expect(report).toMatchObject({ exit: 1, packs: 3 });
  expect(report.missing?.map((key) => join(data, 'packs', key))).toEqual([lost]);
  expect(packsIn(target)).toHaveLength(2);
  // A disk that is not mounted is no backup of nothing.
  rmSync(join(data, 'packs'), { recursive: true });
  expect(await run('backup', target, '--data', data)).toMatchObject({ exit: 1, code: 'disk-error' });
  expect(packsIn(target)).toHaveLength(2);
});

test('of a backup whose packs are not whole everything else is restored, they are named, and the repair marks them', async () => {
  const { data } = await serverWith(4);
  const target = join(temporaryFolder(), 'backup');
  await backUp(data, target, Date.now());
  const [gone = '', short = ''] = packsIn(target);
  rmSync(gone);
  truncateSync(short, 100);
  const folder = join(temporaryFolder(), 'restored');
  const report = await run('restore', target, '--data', folder);
  expect(report.exit).toBe(1);
  expect(report.missing?.map((key) => join(target, 'packs', key)).sort()).toEqual([gone, short].sort());
  expect(await run('fsck', '--repair', '--data', folder)).toMatchObject({ exit: 1, lostBlocks: 2 });
  // Restored, it is a backup no more: what happens to the one happens to the other no more.
  for (const pack of packsIn(folder)) truncateSync(pack, 10);
  expect(packsIn(target).filter((pack) => statSync(pack).size > 100)).toHaveLength(2);
});

test.each([['{'], ['null'], ['[]'], ['{"format":1}'], ['{"format":2,"metadata":"../metadata.db"}']])(
  'a manifest that says nothing is refused, and no folder is made: %s',
  async (text) => {
    const { data } = await serverWith(0);
    const target = join(temporaryFolder(), 'backup');
    await backUp(data, target, Date.now());
    writeFileSync(join(target, 'backup.json'), text);
    const folder = join(temporaryFolder(), 'restored');
    expect(await run('restore', target, '--data', folder)).toMatchObject({ exit: 2, code: 'invalid-argument' });
    expect(existsSync(folder)).toBe(false);
  },
);

test('a restore that was cut off goes on when it is asked for again', async () => {
  const { data } = await serverWith(3);
  const target = join(temporaryFolder(), 'backup');
  await backUp(data, target, Date.now());
  const folder = join(temporaryFolder(), 'restored');
  await restore(target, folder, Date.now());
  // As it is before the metadata is in place: packs that are whole, one that is half written, one that has not come.
  rmSync(join(folder, 'metadata.db'));
  const [first = '', second = ''] = packsIn(folder);
  writeFileSync(`${first}.new`, readFileSync(first).subarray(0, 50));
  rmSync(first);
  rmSync(second);
  writeFileSync(join(folder, 'metadata.db.new'), 'half');
  expect(await run('restore', target, '--data', folder)).toMatchObject({ exit: 0, missing: [] });
  expect(await run('fsck', '--data', folder)).toMatchObject({ exit: 0, damage: [], packs: 3 });
});
