import { expect, test } from 'vitest';
import { compileWindowDigests } from '../assembly/compile.ts';
import { WINDOW_DIGESTS_WASM } from './window-digests-wasm.ts';

test('the committed WebAssembly is what the pinned compiler makes of its source', async () => {
  const rebuilt = Buffer.from(await compileWindowDigests());
  expect(rebuilt.toString('base64')).toBe(WINDOW_DIGESTS_WASM);
});
