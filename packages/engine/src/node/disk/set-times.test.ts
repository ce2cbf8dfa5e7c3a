import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lstatOf } from './file-stat.ts';
import { setMtime } from './set-times.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'times-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('shows any time since 1970 within the microsecond it was set to', () => {
  const file = Buffer.from(path.join(folder, 'f'));
  writeFileSync(file, '');
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }), (wanted) => {
      setMtime(file, wanted);
      const shown = lstatOf(file)!.mtimeNs;
      return shown / 1_000n === wanted / 1_000n;
    }),
    { numRuns: 2_000, examples: [[1_700_000_001_999_999_999n], [0n], [999n], [1_000n]] },
  );
  setMtime(file, -86_400_000_000_000n);
  expect(lstatOf(file)!.mtimeNs).toBe(-86_400_000_000_000n);
});
