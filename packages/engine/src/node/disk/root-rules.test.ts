import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toOnefoldError } from '@onefold/protocol';
import { requireUsableRoot } from './root-rules.ts';

let scratch: string;
const mounts: string[] = [];

beforeEach(() => {
  scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'root-rules-')));
});

afterEach(() => {
  for (const mount of mounts.splice(0).reverse()) execFileSync('umount', [mount]);
  rmSync(scratch, { recursive: true });
});

function make(relative: string): string {
  const folder = path.join(scratch, relative);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Shows a folder in a second place as well. False where this process may not mount. */
function bind(from: string, to: string): boolean {
  try {
    execFileSync('mount', ['--bind', from, to], { stdio: 'ignore' });
  } catch {
    return false;
  }
  mounts.push(to);
  return true;
}

const refused = (folder: string, kept: readonly string[], state: readonly string[] = []): Promise<string> =>
  requireUsableRoot(folder, { roots: kept, stateFolders: state }).then(
    (real) => `taken: ${real}`,
    (error: unknown) => toOnefoldError(error).code,
  );

describe('a folder that is kept already is known again', () => {
  it('by a link to it, to what is above it, and to what is in it', async () => {
    const kept = make('above/kept');
    make('above/kept/inner');
    symlinkSync(path.join(scratch, 'above'), path.join(scratch, 'link'));
    expect(await refused(path.join(scratch, 'link/kept'), [kept])).toBe('root-in-use');
    expect(await refused(path.join(scratch, 'link'), [kept])).toBe('root-nested');
    expect(await refused(path.join(scratch, 'link/kept/inner'), [kept])).toBe('root-nested');
    const beside = make('above/kept beside');
    expect(await refused(beside, [kept])).toBe(`taken: ${beside}`);
  });

  it('in a second place where it, something above it or something in it is mounted', async ({ skip }) => {
    const kept = make('above/kept');
    make('above/kept/inner');
    make('above/a/b/c/d/deep');
    const second = make('second');
    if (!bind(path.join(scratch, 'above'), second)) skip('mounting needs root');
    expect(await refused(path.join(second, 'kept'), [kept])).toBe('root-in-use');
    expect(await refused(path.join(second, 'kept/inner'), [kept])).toBe('root-nested');
    expect(await refused(second, [kept])).toBe('root-nested');
    // Deeper than anybody looks for marks of other homes.
    expect(await refused(second, [path.join(scratch, 'above/a/b/c/d/deep')])).toBe('root-nested');
    expect(await refused(second, [], [path.join(scratch, 'above/a/b/c/d/deep')])).toBe('root-state-inside');
  });

  it('of a kept folder that is away its path is known', async () => {
    expect(await refused(make('a/b'), [path.join(scratch, 'a')])).toBe('root-nested');
    expect(await refused(make('a'), [path.join(scratch, 'a/away')])).toBe('root-nested');
  });
});

it('a path that is no text is refused as such, by itself, by a link, and from inside', async ({ skip }) => {
  const odd = Buffer.concat([Buffer.from(`${scratch}/caf`), Buffer.from([0xe9])]);
  try {
    mkdirSync(odd);
  } catch {
    skip('this disk takes only text for names');
  }
  mkdirSync(Buffer.concat([odd, Buffer.from('/inner')]));
  // As an argument of a program it comes without its bytes.
  expect(await refused(odd.toString(), [])).toBe('name-illegal');
  symlinkSync(odd, path.join(scratch, 'link'));
  expect(await refused(path.join(scratch, 'link'), [])).toBe('name-illegal');
  expect(await refused(path.join(scratch, 'link/inner'), [])).toBe('name-illegal');
  expect(await refused(path.join(scratch, 'none'), [])).toBe('not-found');
  const odder = make('a letter \uFFFD that is one');
  expect(await refused(odder, [])).toBe(`taken: ${odder}`);
});
