import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { buildProgram } from '../program.ts';

test('a kit for a folder that is not there is refused before anything is made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-account-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'correct horse');
  const account = ['--server', 'http://127.0.0.1:1', '--email', 'a@example.org', '--password-file', passwordFile];
  const places = ['--kit', join(folder, 'none', 'kit.txt'), '--home', join(folder, 'home')];
  const created = buildProgram().parseAsync(['node', 'onefold', 'account', 'create', ...account, ...places]);
  await expect(created).rejects.toMatchObject({ code: 'invalid-argument' });
  expect(readdirSync(folder)).toEqual(['password']);
});

test('a server that cannot be reached leaves no kit behind: the next try is not in its own way', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-account-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'correct horse');
  const account = ['--server', 'http://127.0.0.1:1', '--email', 'a@example.org', '--password-file', passwordFile];
  const places = ['--kit', join(folder, 'kit.txt'), '--home', join(folder, 'home')];
  const created = buildProgram().parseAsync(['node', 'onefold', 'account', 'create', ...account, ...places]);
  await expect(created).rejects.toMatchObject({ code: 'server-unreachable' });
  expect(readdirSync(folder).filter((name) => name.startsWith('kit'))).toEqual([]);
});
