import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Status } from '@onefold/control';
import { ERROR_REACTIONS } from '@onefold/protocol';
import { describeExitCodes, exitCodeOf, EXIT } from './exit-codes.ts';
import { formatBytes, describeStatus } from './print-status.ts';
import { buildProgram } from './program.ts';
import { tableOf } from './shape/command-table.ts';
import { PRODUCT_VERSION } from './version.ts';

describe('the command line', () => {
  it('has every command of the contract, each with --home', () => {
    const program = buildProgram();
    const names = program.commands.map((command) => command.name());
    for (const name of 'login link add locate remove daemon stop status pause resume sync confirm reject ls search storage versions show diff restore conflicts devices doctor diagnostics ui'.split(
      ' ',
    )) {
      expect(names).toContain(name);
      const command = program.commands.find((candidate) => candidate.name() === name);
      expect(
        command?.options.some((option) => option.long === '--home'),
        name,
      ).toBe(true);
    }
    expect(
      program.commands.find((command) => command.name() === 'account')?.commands.map((command) => command.name()),
    ).toEqual(['create', 'password', 'recover', 'server', 'sign-out', 'delete']);
  });

  it('answers in JSON by every command that answers anything', () => {
    const leaves = tableOf(buildProgram()).filter(({ inner }) => inner.length === 0);
    const without = leaves.filter(({ options }) => !options.some(({ long }) => long === '--json'));
    // These print a program for a shell, a manual and an explanation.
    expect(without.map(({ path }) => path.join(' '))).toEqual(['completion', 'man', 'help']);
    expect(leaves.length).toBeGreaterThan(50);
    expect(leaves.filter(({ description }) => description === '')).toEqual([]);
  });

  it('explains every exit code and every error code', () => {
    const text = describeExitCodes();
    for (const code of Object.keys(ERROR_REACTIONS)) expect(text).toContain(code);
    for (const exit of Object.values(EXIT)) expect(text).toMatch(new RegExp(`^ {2}${exit} `, 'm'));
  });

  it('gives security errors and common causes exit codes of their own', () => {
    expect(exitCodeOf('block-corrupt')).toBe(EXIT.security);
    expect(exitCodeOf('server-unreachable')).toBe(EXIT.offline);
    expect(exitCodeOf('daemon-not-running')).toBe(EXIT.daemonNotRunning);
    expect(exitCodeOf('internal')).toBe(EXIT.failed);
  });

  it('calls what is kept in step a synced folder, everywhere', () => {
    const words = tableOf(buildProgram()).flatMap(({ description, options }) => [
      description,
      ...options.map((option) => option.description),
    ]);
    expect(words.filter((text) => /kept (?:folder|one)|folders? (?:that is|is|are) kept/u.test(text))).toEqual([]);
  });

  it('carries the version of the package', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(PRODUCT_VERSION).toBe(manifest.version);
  });
});

describe('the printed status', () => {
  const base = {
    state: 'idle' as const,
    pending: 0,
    notYetSafe: 0,
    attention: [],
    folders: [],
    server: { url: 'http://127.0.0.1:1', connected: true },
    device: { id: 'd', name: 'Laptop' },
    account: { email: 'a@b.c' },
    paused: false,
    version: PRODUCT_VERSION,
    pid: 1,
  };

  const kept = (path: string, paused: boolean): Status['folders'][number] => {
    return { path, namespace: '', files: 2, head: 1, paused, state: paused ? 'paused' : 'idle', pending: 0 };
  };

  it('says that everything is safe only when it is', () => {
    const safe = { ...base, folders: [kept('/a', false)] };
    expect(describeStatus(safe)).toBe('Everything is safe.\n  /a: 2 files, idle\n');
    expect(describeStatus(base)).toBe('No folder is kept in step yet ("onefold add" names one).\n');
    expect(describeStatus({ ...safe, folders: [...safe.folders, kept('/b', true)] })).toContain(
      '1 folder is paused. The rest is safe.\n',
    );
    expect(describeStatus({ ...safe, pending: 2, notYetSafe: 1 })).toContain('Syncing: 1 file not yet safe.\n');
    expect(describeStatus({ ...safe, pending: 2 })).toContain('Syncing: 2 left.\n');
    expect(describeStatus({ ...safe, state: 'syncing' })).toContain('Looking for changes.\n');
    expect(
      describeStatus({ ...base, state: 'offline', notYetSafe: 3, server: { ...base.server, connected: false } }),
    ).toContain('Offline: 3 files not yet safe.');
  });

  it('names what to look at with its id', () => {
    const attention = [{ id: 'm1', code: 'mass-change', path: 'photos', message: '812 files would be deleted' }];
    expect(describeStatus({ ...base, state: 'attention', attention })).toContain(
      'photos: 812 files would be deleted (mass-change, id m1)',
    );
  });

  it('writes sizes in decimal units', () => {
    expect([0, 999, 1200, 38_000_000, 5.5e12].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.2 kB',
      '38.0 MB',
      '5.5 TB',
    ]);
  });
});
