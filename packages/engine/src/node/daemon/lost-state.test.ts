import {
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { addFolderToHome } from './offline-commands.ts';
import { startTestGround, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 60_000;
const FILES = 40;

let ground: TestGround;
let home: string;
let kept: string;
let core: DaemonCore;

const settled = (): Promise<string> => core.syncWait(PATIENCE_MS, () => false);
const stateFiles = (): string[] => readdirSync(path.join(home, 'state')).map((name) => path.join(home, 'state', name));
const stateFile = (): string => stateFiles().find((file) => file.endsWith('.sqlite'))!;
const visible = (): string[] =>
  readdirSync(kept, { recursive: true })
    .map(String)
    .filter((name) => !name.startsWith('.onefold'))
    .sort();
const head = (): number => core.status().folders[0]!.head;

beforeEach(async () => {
  ground = await startTestGround();
  home = await ground.home('Laptop');
  kept = path.join(ground.scratch, 'kept');
  mkdirSync(path.join(kept, 'f'), { recursive: true });
  for (let i = 0; i < FILES; i++) writeFileSync(path.join(kept, 'f', `${i}`), `content ${i}`.repeat(i + 1));
  await addFolderToHome(home, kept, null);
  core = await createDaemonCore({ home });
  expect(await settled()).toBe('idle');
}, PATIENCE_MS);

afterEach(async () => {
  await core.close();
  await ground.close();
}, PATIENCE_MS);

/** Nothing was deleted, doubled, or sent again. */
async function expectRebuilt(before: {
  readonly names: string[];
  readonly head: number;
  readonly packs: number;
}): Promise<void> {
  expect(await settled()).toBe('idle');
  expect(visible()).toEqual(before.names);
  expect(head()).toBe(before.head);
  expect(packBytes()).toBe(before.packs);
  expect(core.status()).toMatchObject({ notYetSafe: 0, attention: [] });
  // It goes on as before.
  writeFileSync(path.join(kept, 'f', '0'), 'edited');
  expect(await settled()).toBe('idle');
  expect(head()).toBe(before.head + 1);
}

function packBytes(): number {
  const packs = path.join(ground.scratch, 'server', 'packs');
  return readdirSync(packs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}

async function whileStopped(act: () => void): Promise<void> {
  const before = { names: visible(), head: head(), packs: packBytes() };
  expect(before.packs).toBeGreaterThan(0);
  await core.close();
  act();
  core = await createDaemonCore({ home });
  await expectRebuilt(before);
}

it('makes a state that is gone anew from disk and journal', { timeout: 3 * PATIENCE_MS }, () =>
  whileStopped(() => {
    for (const file of stateFiles()) rmSync(file);
  }),
);

it('makes a state that is no database any more anew', { timeout: 3 * PATIENCE_MS }, () =>
  whileStopped(() => writeFileSync(stateFile(), 'not a database at all'.repeat(1_000))),
);

it('makes a state whose middle is damaged anew as soon as that is met', { timeout: 3 * PATIENCE_MS }, async () => {
  await whileStopped(() => {
    const file = stateFile();
    const descriptor = openSync(file, 'r+');
    // Every page but the first: the file still opens.
    for (let at = 4_096; at < statSync(file).size; at += 4_096)
      writeSync(descriptor, Buffer.alloc(2_000, 0xa5), 0, 2_000, at);
    closeSync(descriptor);
  });
  expect(stateFiles().some((file) => file.endsWith('.damaged'))).toBe(true);
});

it('takes a state from a backup for what it is', { timeout: 3 * PATIENCE_MS }, async () => {
  await core.close();
  const backup = path.join(ground.scratch, 'backup');
  cpSync(path.join(home, 'state'), backup, { recursive: true });
  core = await createDaemonCore({ home });
  writeFileSync(path.join(kept, 'later'), 'later');
  rmSync(path.join(kept, 'f', '1'));
  writeFileSync(path.join(kept, 'f', '2'), 'edited since');
  expect(await settled()).toBe('idle');
  await whileStopped(() => {
    for (const file of stateFiles()) rmSync(file);
    cpSync(backup, path.join(home, 'state'), { recursive: true });
  });
  expect(existsSync(path.join(kept, 'f', '1'))).toBe(false);
  expect(readFileSync(path.join(kept, 'later'), 'utf8')).toBe('later');
});
