/* Names and paths at the limits of the system, in and around the trash. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { at, change, disk, root, stat, useDisk } from './disk-ground.ts';

useDisk();

const LONGEST = 'n'.repeat(251) + '.txt';

describe('the trash', () => {
  it('takes files of the longest name, every one of them', async () => {
    for (const content of ['first', 'second', 'third']) {
      writeFileSync(at(LONGEST), content);
      const expected = await stat(LONGEST);
      expect(await change({ op: 'trash', path: LONGEST, expect: expected, isSent: true })).toMatchObject({
        outcome: 'done',
      });
    }
    expect((await disk.listTrash()).map((entry) => entry.path)).toEqual([LONGEST, LONGEST, LONGEST]);
  });

  it('takes a file whose path leaves no room for that of the trash', async () => {
    const name = 'd'.repeat(200);
    let deep = name;
    while (`${root}/${deep}/${name}/file`.length < 4_090) deep += `/${name}`;
    mkdirSync(at(deep), { recursive: true });
    const rest = 4_090 - `${root}/${deep}/`.length;
    const path = `${deep}/${'f'.repeat(Math.min(rest, 255))}`;
    writeFileSync(at(path), 'x');
    const expected = await stat(path);
    expect(await change({ op: 'trash', path, expect: expected, isSent: true })).toMatchObject({ outcome: 'done' });
    expect(existsSync(at(path))).toBe(false);
    expect(await disk.listTrash()).toHaveLength(1);
  });
});

it('what lies too deep to be reached, since a folder above it was renamed, is unseen and not missing', async () => {
  const name = 'd'.repeat(200);
  let deep = 'top';
  while (`${root}/${deep}/${name}/file`.length < 4_090) deep += `/${name}`;
  mkdirSync(at(deep), { recursive: true });
  writeFileSync(at(`${deep}/file`), 'x');
  const longer = 't'.repeat(255);
  renameSync(at('top'), at(longer));
  const now = deep.replace('top', longer);
  const folders = now.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'));
  const listings = await disk.list(folders);
  expect(listings.some(({ outcome }) => outcome === 'missing')).toBe(false);
  const reached = listings.findIndex(
    (listing) => listing.outcome !== 'listed' || listing.unreadable.length > 0 || listing.entries.length === 0,
  );
  expect(listings[reached]).toMatchObject({ unreadable: [{ code: 'name-too-long' }] });
  for (const beyond of listings.slice(reached + 1))
    expect(beyond).toEqual({ outcome: 'failed', code: 'name-too-long' });
});
