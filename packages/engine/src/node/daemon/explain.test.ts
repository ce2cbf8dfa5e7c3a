import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { startTestGround, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let ground: TestGround;
let kept: string;
let core: DaemonCore;

beforeEach(async () => {
  ground = await startTestGround();
  kept = path.join(ground.scratch, 'kept');
  mkdirSync(kept);
  core = await createDaemonCore({ home: await ground.home('Laptop') });
  await core.add(kept, null);
}, PATIENCE_MS);

afterEach(async () => {
  await core.close();
  await ground.close();
}, PATIENCE_MS);

const at = (name: string): string => path.join(kept, name);
const settled = (): Promise<string> => core.syncWait(PATIENCE_MS, () => false);

async function codesOf(name: string): Promise<string[]> {
  const { reasons } = await core.calls.explain({ path: at(name) });
  for (const { message } of reasons) expect(message).not.toBe('');
  return reasons.map(({ code, cause }) => (cause === undefined ? code : `${code} ${cause}`));
}

it('says why an entry is not in step', { timeout: 3 * PATIENCE_MS }, async () => {
  mkdirSync(at('sub'));
  writeFileSync(at('sub/file'), 'x');
  writeFileSync(at('.onefoldignore'), '*.log\n');
  writeFileSync(at('debug.log'), 'x');
  writeFileSync(at('~$report.docx'), 'x');
  symlinkSync('nowhere', at('link'));
  execFileSync('mkfifo', [at('pipe'), at('sub/inner pipe')]);
  const socket = createServer().listen(at('socket'));
  expect(await settled()).toBe('idle');

  expect(await codesOf('sub/file')).toEqual(['in-step']);
  expect(await codesOf('link')).toEqual(['in-step']);
  expect(await codesOf('debug.log')).toEqual(['ignored']);
  expect(await codesOf('~$report.docx')).toEqual(['ignored']);
  expect(await codesOf('pipe')).toEqual(['special-file special-file']);
  expect(await codesOf('sub/inner pipe')).toEqual(['special-file special-file']);
  expect(await codesOf('socket')).toEqual(['special-file special-file']);
  expect(await codesOf('.onefold/trash')).toEqual(['own-folder']);
  await expect(core.calls.explain({ path: at('nothing') })).rejects.toMatchObject({ code: 'not-found' });

  // Left out, and said: in the status as well as beside its folder's entries.
  const waiting = (core.status().waiting ?? []).map(({ path: name, code, folder }) => [folder, name, code]).sort();
  expect(waiting).toEqual([
    [kept, 'pipe', 'special-file'],
    [kept, 'socket', 'special-file'],
    [kept, 'sub/inner pipe', 'special-file'],
  ]);
  expect((await core.calls.ls({ folder: kept })).entries.find((entry) => entry.path === 'pipe')).toMatchObject({
    kind: 'special',
    state: 'waiting',
  });

  // What is gone is not spoken of any more.
  socket.close();
  rmSync(at('pipe'));
  rmSync(at('sub'), { recursive: true });
  expect(await settled()).toBe('idle');
  await sleep(300);
  expect(await settled()).toBe('idle');
  expect(core.status().waiting).toBe(undefined);

  await core.pause();
  writeFileSync(at('late'), 'x');
  await sleep(500);
  expect((await codesOf('late')).at(0)).toBe('paused');
  await core.resume();
  expect(await settled()).toBe('idle');
  await ground.killServer();
  writeFileSync(at('later'), 'x');
  for (let i = 0; i < 200 && core.status().state !== 'offline'; i++) await sleep(50);
  await expect.poll(() => codesOf('later'), { timeout: PATIENCE_MS }).toEqual(['offline', 'to-be-sent']);
});
