import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

/** The font's licence asks to travel with the font; that of the other font lies in src/renderer/public. */
function fontLicence(): Plugin {
  return {
    name: 'font-licence',
    generateBundle() {
      const path = fileURLToPath(import.meta.resolve('@fontsource-variable/inter/package.json')).replace(
        /package\.json$/u,
        'LICENSE',
      );
      this.emitFile({ type: 'asset', fileName: 'licences/inter.txt', source: readFileSync(path) });
    },
  };
}

/** The page of `onefold ui` and of the desktop window: static files that work from any path under a strict policy. */
export default defineConfig({
  root: 'src/renderer',
  // Relative, so that the same files serve the daemon's page and the desktop window.
  base: './',
  plugins: [react(), fontLicence()],
  build: {
    outDir: '../../dist/renderer',
    emptyOutDir: true,
    target: 'es2023',
    // data: addresses would need a looser policy.
    assetsInlineLimit: 0,
    modulePreload: false,
    // Loaded from this computer.
    chunkSizeWarningLimit: 500,
    license: { fileName: 'licences/packages.md' },
  },
});
