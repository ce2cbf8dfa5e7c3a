import { basename } from 'node:path';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

/** `new URL('./x-worker.ts', import.meta.url)`, or `-thread`, names a file to run in a thread: it becomes a bundle of its own, and the URL that bundle's. */
function threads(): Plugin {
  return {
    name: 'threads',
    // Before the types are taken out: the source is matched as it is written.
    enforce: 'pre',
    transform: {
      filter: { code: /new URL\('\.\/[\w-]+-(?:worker|thread)\.ts', import\.meta\.url\)/u },
      async handler(code, importer) {
        let bundled = code;
        for (const [whole, path = ''] of code.matchAll(
          /new URL\('(\.\/[\w-]+-(?:worker|thread)\.ts)', import\.meta\.url\)/gu,
        )) {
          const resolved = await this.resolve(path, importer);
          if (resolved === null) this.error(`no file ${path} beside ${importer}`);
          const fileName = basename(path).replace(/\.ts$/u, '.js');
          this.emitFile({ type: 'chunk', id: resolved.id, fileName });
          bundled = bundled.replace(whole, `new URL('./${fileName}', import.meta.url)`);
        }
        return { code: bundled, map: null };
      },
    },
  };
}

/** What a server of many nodes stands on. The one on a person's own computer keeps everything in its folder: what it never calls is not carried along. */
const OF_MANY_NODES: Readonly<Record<string, string>> = {
  './packs/s3.ts': 'openS3PackStore',
  './metadata/postgres.ts': 'openPostgres',
  redis: 'createClient, RESP_TYPES',
};

function oneNode(): Plugin {
  return {
    name: 'one-node',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source in OF_MANY_NODES && importer !== undefined && /\/apps\/server\/src\//u.test(importer)
        ? `\0one-node:${source}`
        : undefined,
    load(id) {
      const names = OF_MANY_NODES[id.replace(/^\0one-node:/u, '')];
      if (names === undefined || !id.startsWith('\0')) return undefined;
      const refuse = "() => { throw new Error('the app carries no server of many nodes'); }";
      return names
        .split(', ')
        .map((name) => `export const ${name} = ${refuse};`)
        .join('\n');
    },
  };
}

/** Main, preload and engine host. The page is built by vite.config.ts and served from dist/renderer. */
export default defineConfig({
  main: {
    plugins: [oneNode(), threads()],
    build: {
      outDir: 'out/main',
      rolldownOptions: {
        input: { index: 'src/main/index.ts', engine: 'src/engine/index.ts' },
        // What is compiled travels beside the bundle.
        external: ['electron', 'better-sqlite3', '@node-rs/argon2', 'quickjs-wasi'],
        output: { chunkFileNames: '[name].js' },
      },
      externalizeDeps: false,
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload is one CommonJS file that may require nothing but electron.
      rolldownOptions: {
        input: { index: 'src/preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
      externalizeDeps: false,
    },
  },
});
