import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openDiskPackStore } from './disk.ts';
import { describePackStore } from './packs.contract.ts';

describe('packs on disk', () => {
  describePackStore(async () => {
    const options = { folder: join(temporaryFolder(), 'packs'), nowMs: Date.now };
    return { store: await openDiskPackStore(options), reopen: () => openDiskPackStore(options) };
  });

  test('what an earlier process had not finished is gone at the next start', async () => {
    const folder = join(temporaryFolder(), 'packs');
    mkdirSync(join(folder, 'tmp'), { recursive: true });
    writeFileSync(join(folder, 'tmp', 'half'), 'half a pack');
    await openDiskPackStore({ folder, nowMs: Date.now });
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });
});
