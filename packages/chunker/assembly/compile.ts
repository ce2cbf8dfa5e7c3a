import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const SOURCE = new URL('window-digests.ts', import.meta.url);
const OPTIONS = [
  ...['window-digests.ts', '--outFile', 'window-digests.wasm'],
  ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
  ...['--initialMemory', '2', '--maximumMemory', '2'],
];

/** The wasm of window-digests.ts, a pure function of that file and the pinned compiler. Throws with the compiler's messages. */
export async function compileWindowDigests(): Promise<Uint8Array> {
  const source = await readFile(SOURCE, 'utf8');
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(OPTIONS, {
    readFile: (name) => (name === 'window-digests.ts' ? source : null),
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) wasm = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) throw new Error(stderr.toString(), { cause: error });
  return wasm;
}
