import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { NamespaceId, PackId } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openDiskPackStore } from './disk.ts';

/** What was done to which path, in order, besides reading and writing. */
const done: string[] = [];

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const open: typeof real.open = async (path, ...rest) => {
    const handle = await real.open(path, ...rest);
    const sync = handle.sync.bind(handle);
    handle.sync = async () => {
      await sync();
      done.push(`flush ${path as string}`);
    };
    return handle;
  };
  const rename: typeof real.rename = async (from, to) => {
    await real.rename(from, to);
    done.push(`rename ${from as string} ${to as string}`);
  };
  return { ...real, open, rename };
});

test('a pack is acknowledged when its bytes, then its name, then the names of the folders above are flushed', async () => {
  const folder = join(temporaryFolder(), 'packs');
  const store = await openDiskPackStore({ folder, nowMs: Date.now });
  done.length = 0;
  const namespaces = [randomBytes(32), randomBytes(32)].map((id) => idOf<NamespaceId>(id));
  const stepsOf = async (namespace: NamespaceId) => {
    const pack = { namespace, packId: idOf<PackId>(randomBytes(16)), bytes: new Uint8Array(randomBytes(5_000)) };
    const { objectKey } = await store.put(pack);
    return { path: join(folder, objectKey), steps: [...done] };
  };
  const stored = await Promise.all(
    namespaces.flatMap((namespace) => Array.from({ length: 20 }, () => stepsOf(namespace))),
  );
  for (const { path, steps } of stored) {
    const placed = steps.findIndex((step) => step.endsWith(` ${path}`));
    const [, from] = steps[placed]?.split(' ') ?? [];
    expect(steps.indexOf(`flush ${from}`)).toBeGreaterThanOrEqual(0);
    expect(steps.indexOf(`flush ${from}`)).toBeLessThan(placed);
    const hour = dirname(path);
    expect(steps.lastIndexOf(`flush ${hour}`)).toBeGreaterThan(placed);
    for (const above of [dirname(hour), folder]) expect(steps).toContain(`flush ${above}`);
  }
  // Packs that come together share a flush of their folder.
  const flushes = done.filter((step) => stored.some(({ path }) => step === `flush ${dirname(path)}`));
  expect(flushes.length).toBeLessThan(stored.length / 2);
});
