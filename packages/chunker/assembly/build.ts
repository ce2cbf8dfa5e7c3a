// Rewrites src/window-digests-wasm.ts: node packages/chunker/assembly/build.ts
import { writeFile } from 'node:fs/promises';
import { compileWindowDigests } from './compile.ts';

const LINE_LENGTH = 120;
const wasm = Buffer.from(await compileWindowDigests());
const lines = wasm.toString('base64').match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? [];
const text = [
  '// Made by assembly/build.ts from assembly/window-digests.ts; a test compares the two.',
  '// Text rather than a file, so that any bundler carries it along.',
  'export const WINDOW_DIGESTS_WASM =',
  lines.map((line) => `  '${line}'`).join(' +\n') + ';',
  '',
].join('\n');
await writeFile(new URL('../src/window-digests-wasm.ts', import.meta.url), text);
console.log(`${wasm.length} bytes of wasm`);
