import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { buildProgram } from '../program.ts';

/** `account create` in a fresh folder that holds only a password, against a server that is not there. `kit` is relative to the folder. */
function createAccountIn(kit: string, others: readonly string[] = []): { folder: string; created: Promise<unknown> } {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-account-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'correct horse');
  const account = ['--server', 'http://127.0.0.1:1', '--email', 'a@example.org', '--password-file', passwordFile];
  const places = ['--kit', join(folder, kit), '--home', join(folder, 'home')];
  return {
    folder,
    created: buildProgram().parseAsync(['node', 'onefold', 'account', 'create', ...account, ...places, ...others]),
  };
}

test('a kit for a folder that is not there is refused before anything is made', async () => {
  const { folder, created } = createAccountIn(join('none', 'kit.txt'));
  await expect(created).rejects.toMatchObject({ code: 'invalid-argument' });
  expect(readdirSync(folder)).toEqual(['password']);
});

test('a server that cannot be reached leaves no kit behind: the next try is not in its own way', async () => {
  const { folder, created } = createAccountIn('kit.txt');
  await expect(created).rejects.toMatchObject({ code: 'server-unreachable' });
  expect(readdirSync(folder).filter((name) => name.startsWith('kit'))).toEqual([]);
});

test.each([
  ['--email', 'no address', 'expected an e-mail address'],
  ['--device-name', ' ', 'expected a name'],
])('%s "%s" is refused in words', async (option, value, words) => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { folder, created } = createAccountIn('kit.txt', [option, value]);
  await expect(created).rejects.toThrow(words);
  expect(readdirSync(folder)).toEqual(['password']);
});
