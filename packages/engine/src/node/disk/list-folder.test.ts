import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { at, change, disk, listed, root, stat, useDisk } from './disk-ground.ts';

useDisk();

describe('listing', () => {
  it('shows every entry with its own stat, links unfollowed, and hides the product’s own folder', async () => {
    writeFileSync(at('a'), 'hello', { mode: 0o640 });
    mkdirSync(at('sub'));
    mkdirSync(at('sub/.onefold'));
    symlinkSync('/etc/passwd', at('link'));
    const { entries, self } = await listed('');
    expect(entries.map((entry) => [entry.name, entry.stat.kind]).sort()).toEqual([
      ['a', 'file'],
      ['link', 'link'],
      ['sub', 'folder'],
    ]);
    const raw = lstatSync(at('a'), { bigint: true });
    expect(entries.find((entry) => entry.name === 'a')?.stat).toEqual({
      kind: 'file',
      sizeBytes: 5,
      mtimeNs: raw.mtimeNs,
      ctimeNs: raw.ctimeNs,
      birthtimeNs: raw.birthtimeNs,
      inode: raw.ino,
      device: raw.dev,
      linkCount: 1,
      mode: 0o640,
    });
    expect(self.kind).toBe('folder');
    expect((await listed('sub')).entries.map((entry) => entry.name)).toEqual(['.onefold']);
  });

  it('carries names that are no UTF-8 through text and back', async () => {
    const odd = Buffer.concat([Buffer.from(`${root}/x`), Buffer.from([0xff, 0x80, 0xc3]), Buffer.from('é')]);
    writeFileSync(odd, 'odd');
    const { entries } = await listed('');
    expect(entries.map((entry) => entry.name)).toEqual(['x\udcff\udc80\udcc3é']);
    const name = entries[0]!.name;
    const moved = await change({
      op: 'move',
      from: name,
      to: `${name}2`,
      expectFrom: await stat(name),
      expectTo: null,
      keepAs: null,
    });
    expect(moved.outcome).toBe('done');
    expect(readFileSync(Buffer.concat([odd, Buffer.from('2')]), 'utf8')).toBe('odd');
  });

  it('tells a missing folder from one that cannot be read', async () => {
    symlinkSync('/etc', at('way'));
    expect(await disk.list(['nowhere', 'way', 'way/ssl'])).toEqual([
      { outcome: 'missing' },
      { outcome: 'missing' },
      { outcome: 'missing' },
    ]);
  });

  it('lists 20,000 entries quickly enough for a scan', async () => {
    mkdirSync(at('big'));
    for (let i = 0; i < 20_000; i++) writeFileSync(at(`big/${i}`), '');
    expect((await listed('big')).entries).toHaveLength(20_000);
  });
});
