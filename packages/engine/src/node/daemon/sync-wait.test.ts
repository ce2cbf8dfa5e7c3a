import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { startTestGround, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let ground: TestGround;
let core: DaemonCore;
let kept: string;

beforeEach(async () => {
  ground = await startTestGround();
  core = await createDaemonCore({ home: await ground.home('Laptop') });
  kept = path.join(ground.scratch, 'kept');
  mkdirSync(kept);
  writeFileSync(path.join(kept, 'a'), 'a');
}, PATIENCE_MS);

afterEach(async () => {
  await core.close();
  await ground.close();
}, PATIENCE_MS);

const settled = () => core.syncWait(PATIENCE_MS, () => false);

describe('waiting for rest while a folder', { timeout: 3 * PATIENCE_MS }, () => {
  it('is taken off waits for it no more', async () => {
    await core.add(kept, null);
    await ground.killServer();
    const waiting = settled();
    await core.remove(kept);
    expect(await waiting).toBe('idle');
    expect(core.status().folders).toEqual([]);
  });

  it('is opened anew goes on with what was opened', async () => {
    await core.add(kept, null);
    await ground.killServer();
    const waiting = settled();
    await core.calls.setOneWay({ folder: kept, mode: 'send-only' });
    await ground.restartServer();
    expect(await waiting).toBe('idle');
    expect(core.status().folders).toMatchObject([{ path: kept, files: 1 }]);
  });

  it('is being taken off does not start it again', async () => {
    await core.add(kept, null);
    expect(await settled()).toBe('idle');
    const removing = core.remove(kept);
    // Reads the list as soon as the folder has stopped.
    const waiting = settled();
    await removing;
    expect(readdirSync(kept)).toEqual(['a']);
    expect(await waiting).toBe('idle');
    expect(readdirSync(kept)).toEqual(['a']);
  });
});
