import { parseArgs } from 'node:util';
import { buildDeb } from './build-deb.ts';
import { DEB_ARCHITECTURES, DEBS, type DebArchitecture } from './packages.ts';

const USAGE = `usage: npm run debs -- [--arch ${Object.keys(DEB_ARCHITECTURES).join('|')}] [--output FOLDER]\n`;

function own(): DebArchitecture {
  return process.arch === 'arm64' ? 'arm64' : 'amd64';
}

function fail(line: string): never {
  process.stderr.write(line);
  process.exit(2);
}

function readArguments(): { arch: string; output: string } {
  try {
    const { values } = parseArgs({ options: { arch: { type: 'string' }, output: { type: 'string' } } });
    return { arch: values.arch ?? own(), output: values.output ?? 'release' };
  } catch (thrown) {
    fail(`${thrown instanceof Error ? thrown.message : String(thrown)}\n${USAGE}`);
  }
}

const { arch, output } = readArguments();
if (!Object.hasOwn(DEB_ARCHITECTURES, arch)) fail(`no packages are made for ${arch}\n${USAGE}`);
try {
  for (const deb of DEBS) {
    const path = buildDeb(deb, arch as DebArchitecture, output);
    process.stdout.write(`${path}\n`);
  }
} catch (thrown) {
  process.stderr.write(`npm run debs: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}
