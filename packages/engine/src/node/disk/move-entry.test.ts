import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { at, change, disk, scratch, stage, stat, useDisk } from './disk-ground.ts';
import { isOtherSpelling } from './place-entry.ts';

useDisk();

describe('moving', () => {
  it('never overwrites what appeared at a free name', async () => {
    const staging = stage('new');
    writeFileSync(at('taken'), 'user');
    const result = await change({
      op: 'move',
      from: staging,
      to: 'taken',
      expectFrom: await stat(staging),
      expectTo: null,
      keepAs: null,
    });
    expect(result).toMatchObject({ outcome: 'precondition', found: { sizeBytes: 4 } });
    expect(readFileSync(at('taken'), 'utf8')).toBe('user');
    expect(readFileSync(at(staging), 'utf8')).toBe('new');
  });

  it('keeps the displaced inode, so that a late write through an old handle is not lost', async () => {
    writeFileSync(at('doc'), 'old');
    const old = await stat('doc');
    const staging = stage('newer');
    const keepAs = disk.stagingPath('doc');
    const result = await change({
      op: 'move',
      from: staging,
      to: 'doc',
      expectFrom: await stat(staging),
      expectTo: old,
      keepAs,
    });
    expect(result).toMatchObject({ outcome: 'done', stat: { sizeBytes: 5 } });
    expect(readFileSync(at('doc'), 'utf8')).toBe('newer');
    expect((await stat(keepAs)).inode).toBe(old.inode);
    expect(readFileSync(at(keepAs), 'utf8')).toBe('old');
  });

  it('leaves a target alone that was changed and had its size and time put back', async () => {
    writeFileSync(at('doc'), 'old');
    const old = await stat('doc');
    writeFileSync(at('doc'), 'OLD');
    utimesSync(at('doc'), new Date(), new Date(Number(old.mtimeNs / 1_000_000n)));
    const disguised = { ...old, mtimeNs: (await stat('doc')).mtimeNs };
    const staging = stage('new');
    const keepAs = disk.stagingPath('doc');
    const result = await change({
      op: 'move',
      from: staging,
      to: 'doc',
      expectFrom: await stat(staging),
      expectTo: disguised,
      keepAs,
    });
    expect(result.outcome).toBe('precondition');
    expect(readFileSync(at('doc'), 'utf8')).toBe('OLD');
  });

  it('moves files, links and whole folders, and reports what stands there afterwards', async () => {
    mkdirSync(at('from/deep'), { recursive: true });
    writeFileSync(at('from/deep/file'), 'x');
    symlinkSync('nowhere', at('link'));
    const results = await disk.change([
      { op: 'move', from: 'from', to: 'to', expectFrom: await stat('from'), expectTo: null, keepAs: null },
      { op: 'move', from: 'link', to: 'to/link', expectFrom: await stat('link'), expectTo: null, keepAs: null },
      {
        op: 'move',
        from: 'to/deep/file',
        to: 'file',
        expectFrom: await stat('from/deep/file'),
        expectTo: null,
        keepAs: null,
      },
    ]);
    expect(results.map((result) => result.outcome)).toEqual(['done', 'done', 'done']);
    expect(await disk.readLinks(['to/link', 'file', 'gone'])).toEqual(['nowhere', null, null]);
    expect(readFileSync(at('file'), 'utf8')).toBe('x');
    expect(existsSync(at('from'))).toBe(false);
    expect(readdirSync(at('.onefold/staging'))).toEqual([]);
  });

  it('does not follow a folder that became a link', async () => {
    mkdirSync(at('dir'));
    mkdirSync(path.join(scratch, 'outside'));
    const staging = stage('new');
    rmSync(at('dir'), { recursive: true });
    symlinkSync(path.join(scratch, 'outside'), at('dir'));
    const result = await change({
      op: 'move',
      from: staging,
      to: 'dir/x',
      expectFrom: await stat(staging),
      expectTo: null,
      keepAs: null,
    });
    expect(result).toEqual({ outcome: 'precondition', found: null });
    expect(readdirSync(path.join(scratch, 'outside'))).toEqual([]);
  });

  it('never replaces a folder, not even an empty one', async () => {
    mkdirSync(at('full'));
    mkdirSync(at('empty'));
    const full = await stat('full');
    const empty = await stat('empty');
    expect(
      await change({ op: 'move', from: 'full', to: 'empty', expectFrom: full, expectTo: null, keepAs: null }),
    ).toMatchObject({ outcome: 'precondition' });
    expect(
      await change({ op: 'move', from: 'full', to: 'empty', expectFrom: full, expectTo: empty, keepAs: null }),
    ).toMatchObject({ outcome: 'precondition' });
    expect((await stat('empty')).inode).toBe(empty.inode);
  });

  it('settles a rename between two names of one inode', async () => {
    writeFileSync(at('a'), 'x');
    linkSync(at('a'), at('b'));
    const result = await change({
      op: 'move',
      from: 'a',
      to: 'b',
      expectFrom: await stat('a'),
      expectTo: await stat('b'),
      keepAs: null,
    });
    expect(result.outcome).toBe('done');
    expect(existsSync(at('a'))).toBe(false);
    expect(readFileSync(at('b'), 'utf8')).toBe('x');
  });

  it('takes a name that shows the entry itself for free, where it is another spelling of its own and no second name', async () => {
    writeFileSync(at('a'), 'x');
    writeFileSync(at('b'), 'x');
    const [one, other] = [await stat('a'), await stat('b')];
    const SPELLINGS = [
      ['caf\u00e9', 'CAFE\u0301'],
      ['d/a.TXT', 'D/A.txt'],
    ] as const;
    for (const [from, to] of SPELLINGS) {
      expect(isOtherSpelling(from, to, one, one)).toBe(true);
      expect(isOtherSpelling(from, to, one, other)).toBe(false);
      expect(isOtherSpelling(from, to, { ...one, linkCount: 2 }, { ...one, linkCount: 2 })).toBe(false);
      expect(isOtherSpelling(from, from, one, one)).toBe(false);
    }
    expect(isOtherSpelling('a', 'b', one, one)).toBe(false);
  });
});
