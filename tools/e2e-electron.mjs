// `npm run e2e:electron`: the specs of the desktop app in real Electron. Plain JavaScript: this runs on Node 20.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../packages/launcher/src/launch.mjs';
import { installIfNeeded } from './install.mjs';

/** No Electron here: neither a pass nor a failure of the product. */
const EXIT_NO_ELECTRON = 3;

const root = fileURLToPath(new URL('..', import.meta.url));
/** @param {string} line */
const say = (line) => void process.stderr.write(`onefold: ${line}\n`);

/** Electron's own binary: the one ONEFOLD_ELECTRON names, or the one its package has fetched. */
function findElectron() {
  const named = process.env['ONEFOLD_ELECTRON'];
  if (named !== undefined && named !== '') return existsSync(named) ? named : undefined;
  const packaged = dirname(
    createRequire(join(root, 'apps', 'desktop', 'package.json')).resolve('electron/package.json'),
  );
  const place = join(packaged, 'path.txt');
  if (!existsSync(place)) return undefined;
  const binary = join(packaged, 'dist', readFileSync(place, 'utf8').trim());
  return existsSync(binary) ? binary : undefined;
}

if (installIfNeeded(root, say)) {
  const electron = findElectron();
  if (electron === undefined) {
    say(
      'there is no Electron here, so nothing was run. "node node_modules/electron/install.js" fetches it, or set ONEFOLD_ELECTRON to the path of its binary',
    );
    process.exitCode = EXIT_NO_ELECTRON;
  } else {
    process.env['ONEFOLD_ELECTRON'] = electron;
    await launch({
      name: 'npm run e2e:electron',
      entry: new URL('../node_modules/@playwright/test/cli.js', import.meta.url),
      args: ['test', '--config', join(root, 'e2e', 'playwright.config.ts'), 'desktop-app', ...process.argv.slice(2)],
      ownProcess: true,
    });
  }
} else {
  process.exitCode = 1;
}
