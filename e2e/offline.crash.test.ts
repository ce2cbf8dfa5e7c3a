import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTrees, readTree } from './harness/compare-trees.ts';
import { createWorld, settle, type Device, type World } from './harness/world.ts';

const BASE_FILES = 400;
const CONFLICTS = 10;

function put(folder: string, path: string, text: string): void {
  const whole = join(folder, path);
  mkdirSync(join(whole, '..'), { recursive: true });
  writeFileSync(whole, text);
}

/** 500 changes that are this side's own, and the ten that the other side makes too. */
function changeMuch(folder: string, side: 'left' | 'right'): void {
  const parity = side === 'left' ? 0 : 1;
  for (let i = 0; i < 250; i++) put(folder, `new/${side}/${i % 10}/file ${i}.txt`, `${side} made ${i}`);
  for (let i = parity; i < 300; i += 2) put(folder, `base/${i}.txt`, `${side} edited ${i}`);
  for (let i = 300 + parity; i < 360; i += 2) {
    mkdirSync(join(folder, 'moved'), { recursive: true });
    renameSync(join(folder, `base/${i}.txt`), join(folder, `moved/${side} ${i}.txt`));
  }
  for (let i = 360 + parity; i < 390; i += 2) rmSync(join(folder, `base/${i}.txt`));
  for (let i = 0; i < 55; i++) put(folder, `deep/${side}/a/b/c/${i}/leaf`, `${side} ${i}`);
  for (let i = 0; i < CONFLICTS; i++) put(folder, `base/${390 + i}.txt`, `${side} wants this in ${i}`);
}

describe('offline on both sides', () => {
  let world: World;
  let left: Device;
  let right: Device;

  beforeAll(async () => {
    world = await createWorld();
    await world.startServer();
    left = await world.addDevice('left');
    right = await world.addDevice('right');
    await left.start();
    await right.start();
    for (let i = 0; i < BASE_FILES; i++) put(left.folder, `base/${i}.txt`, `base ${i}`);
    await settle([left, right]);
  });

  afterAll(() => world.close());

  it('keeps 500 changes on each side and both versions of every conflict', async () => {
    await world.stopServer();
    changeMuch(left.folder, 'left');
    changeMuch(right.folder, 'right');
    // The queue must outlive the daemon as well.
    await left.kill();
    await left.start();
    await world.startServer();
    await settle([left, right]);

    expect(await compareTrees(left.folder, right.folder)).toEqual([]);
    const tree = readTree(left.folder);
    const texts = new Set(
      [...tree]
        .filter(([, entry]) => entry.kind === 'file')
        .map(([path]) => readFileSync(join(left.folder, path), 'utf8')),
    );
    for (const side of ['left', 'right']) {
      for (let i = 0; i < 250; i++) expect(texts.has(`${side} made ${i}`), `${side} made ${i}`).toBe(true);
      for (let i = side === 'left' ? 0 : 1; i < 300; i += 2) expect(texts.has(`${side} edited ${i}`)).toBe(true);
      for (let i = 300 + (side === 'left' ? 0 : 1); i < 360; i += 2)
        expect(tree.has(`moved/${side} ${i}.txt`)).toBe(true);
      for (let i = 0; i < CONFLICTS; i++) expect(texts.has(`${side} wants this in ${i}`), `${side} ${i}`).toBe(true);
    }
    for (let i = 360; i < 390; i++) expect(tree.has(`base/${i}.txt`)).toBe(false);
    expect([...tree.keys()].filter((path) => path.includes('(conflict'))).toHaveLength(CONFLICTS);
  });
});
