import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DEB_ARCHITECTURES, type Deb, type DebArchitecture } from './packages.ts';
import { readManifest, ROOT, stageProgram } from './stage.ts';

/*
 * A Debian package as deb(5) and the Debian Policy Manual have it: the program below /usr/lib/NAME, a command in /usr/bin, a unit for systemd, and
 * what deploy/debian/NAME/ adds (maintainer scripts and, below root/, files by their place).
 */
const DEBIAN = join(ROOT, 'deploy', 'debian');
const MAINTAINER = 'The Onefold authors <maintainers@onefold.app>';

/**
 * Builds one package.
 * @param compression what deb(5) knows; `xz` is the smallest and takes a minute
 * @returns the path of the .deb in `output`
 * @throws {Error} where npm or dpkg-deb fails, or the page is not built
 */
export function buildDeb(deb: Deb, arch: DebArchitecture, output: string, compression: 'xz' | 'gzip' = 'xz'): string {
  const { version } = readManifest();
  const tree = mkdtempSync(join(tmpdir(), `${deb.name}-`));
  try {
    chmodSync(tree, 0o755);
    const home = join(tree, 'usr', 'lib', deb.name);
    stageProgram(deb.workspace, DEB_ARCHITECTURES[arch], home);
    writeCommand(deb, tree);
    if (deb.name === 'onefold-daemon') addDaemonParts(deb, tree);
    else addServerUnit(tree);
    addDocs(deb, tree);
    const extra = join(DEBIAN, deb.name, 'root');
    if (existsSync(extra)) cpSync(extra, tree, { recursive: true });
    setModes(tree);
    writeControl(deb, arch, version, tree);
    mkdirSync(output, { recursive: true });
    const path = join(output, `${deb.name}_${version}_${arch}.deb`);
    run('dpkg-deb', [
      '--root-owner-group',
      `-Z${compression}`,
      compression === 'xz' ? '-z6' : '-z1',
      '--build',
      tree,
      path,
    ]);
    return path;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

function writeCommand(deb: Deb, tree: string): void {
  const home = `/usr/lib/${deb.name}`;
  const folder = join(tree, 'usr', 'bin');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, deb.command),
    `#!/bin/sh\nexec ${home}/bin/node ${home}/${deb.workspace}/${deb.entry} "$@"\n`,
  );
}

/** The page, the manual, the completions and the user's unit. */
function addDaemonParts(deb: Deb, tree: string): void {
  const page = join(ROOT, 'apps', 'desktop', 'dist', 'renderer');
  if (!existsSync(join(page, 'index.html'))) throw new Error('the page is not built: npm run build:renderer');
  cpSync(page, join(tree, 'usr', 'lib', deb.name, 'apps', 'desktop', 'dist', 'renderer'), {
    recursive: true,
    filter: (path) => !path.endsWith('.map'),
  });
  // By the checkout: the Node of another architecture does not run here, and the words are the same.
  const said = (...args: string[]): string => run(process.execPath, [join(ROOT, deb.workspace, deb.entry), ...args]);
  const parts: [string, string | Buffer][] = [
    ['usr/share/man/man1/onefold.1.gz', gzipSync(said('man'), { level: 9 })],
    ['usr/share/bash-completion/completions/onefold', said('completion', 'bash')],
    ['usr/share/zsh/vendor-completions/_onefold', said('completion', 'zsh')],
    ['usr/share/fish/vendor_completions.d/onefold.fish', said('completion', 'fish')],
    ['usr/lib/systemd/user/onefold.service', readFileSync(join(ROOT, 'deploy', 'systemd', 'onefold.service'))],
  ];
  for (const [path, content] of parts) write(tree, path, content);
}

/** The unit of deploy/systemd with the package's command and its user, who the data belongs to. */
function addServerUnit(tree: string): void {
  let unit = readFileSync(join(ROOT, 'deploy', 'systemd', 'onefold-server.service'), 'utf8');
  const changes: [string, string][] = [
    ['/usr/bin/node /opt/onefold/apps/server/bin/onefold-server.mjs', '/usr/bin/onefold-server'],
    ['file:///opt/onefold/docs/', 'file:///usr/share/doc/onefold-server/'],
    ['DynamicUser=yes', 'User=onefold-server\nGroup=onefold-server'],
  ];
  for (const [before, after] of changes) {
    if (unit.split(before).length !== 2) throw new Error(`the server's unit does not say ${before} once`);
    unit = unit.replace(before, () => after);
  }
  write(tree, 'usr/lib/systemd/system/onefold-server.service', unit);
}

function addDocs(deb: Deb, tree: string): void {
  const folder = join('usr', 'share', 'doc', deb.name);
  const licence = readFileSync(join(ROOT, 'LICENSE'), 'utf8');
  const own = `Onefold, copyright the Onefold authors, under the Apache License 2.0, below.\nNode.js and the packages in /usr/lib/${deb.name}/node_modules are under the licences that lie beside them.\n\n`;
  write(tree, join(folder, 'copyright'), own + licence);
  for (const name of deb.docs) write(tree, join(folder, name), readFileSync(join(ROOT, 'docs', name)));
}

function write(tree: string, path: string, content: string | Buffer): void {
  mkdirSync(join(tree, path, '..'), { recursive: true });
  writeFileSync(join(tree, path), content);
}

/** As the packages of Debian have them, whatever the umask and the modes of this checkout are. */
function setModes(tree: string): void {
  for (const path of everythingIn(tree)) {
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) continue;
    const inTree = `/${relative(tree, path)}`;
    const isRun = inTree.startsWith('/usr/bin/') || /\/node_modules\/node-linux-[^/]+\/bin\/node$/u.test(inTree);
    // The settings of the server may hold keys.
    const isSecret = inTree.startsWith('/etc/');
    chmodSync(path, stats.isDirectory() || isRun ? 0o755 : isSecret ? 0o600 : 0o644);
  }
}

function everythingIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    join(entry.parentPath, entry.name),
  );
}

function writeControl(deb: Deb, arch: DebArchitecture, version: string, tree: string): void {
  const files = everythingIn(tree).filter((path) => lstatSync(path).isFile());
  const sizeBytes = files.reduce((sum, path) => sum + lstatSync(path).size, 0);
  const folder = join(tree, 'DEBIAN');
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  const control = [
    `Package: ${deb.name}`,
    `Version: ${version}`,
    `Architecture: ${arch}`,
    `Maintainer: ${MAINTAINER}`,
    `Installed-Size: ${Math.ceil(sizeBytes / 1024)}`,
    `Depends: ${deb.depends.join(', ')}`,
    `Section: ${deb.section}`,
    'Priority: optional',
    `Description: ${deb.synopsis}`,
    ...deb.description.map((line) => ` ${line}`),
  ];
  writeFileSync(join(folder, 'control'), `${control.join('\n')}\n`);
  const sums = files
    .map((path) => `${createHash('md5').update(readFileSync(path)).digest('hex')}  ${relative(tree, path)}\n`)
    .sort();
  writeFileSync(join(folder, 'md5sums'), sums.join(''));
  if (deb.conffiles.length > 0) writeFileSync(join(folder, 'conffiles'), `${deb.conffiles.join('\n')}\n`);
  for (const script of ['postinst', 'prerm', 'postrm']) {
    const source = join(DEBIAN, deb.name, script);
    if (!existsSync(source)) continue;
    cpSync(source, join(folder, script));
    chmodSync(join(folder, script), 0o755);
  }
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (status !== 0) throw new Error(`${command} ${args[0] ?? ''}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}
