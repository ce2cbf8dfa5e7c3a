import { expect, test } from 'vitest';
import type { Status } from '@onefold/control';
import { describeStatus } from './print-status.ts';
import { inOneLine } from './in-one-line.ts';

const ESCAPE = '\u001B]0;another title\u0007';

test('what would act on a terminal is shown as it is escaped, and nothing else is touched', () => {
  expect(inOneLine(`a${ESCAPE}b\nc\u009B2J`)).toBe(String.raw`a\u001b]0;another title\u0007b\nc\u009b2J`);
  expect(inOneLine('invoice\u202Egpj.exe')).toBe(String.raw`invoice\u202egpj.exe`);
  expect(inOneLine('계약서 – שלום 👩‍👩‍👧 é.txt')).toBe('계약서 – שלום 👩‍👩‍👧 é.txt');
});

test('a name from another device cannot write lines of its own into the status', () => {
  const attention = [{ id: 'x', code: 'file-busy', path: `a\nEverything is safe.${ESCAPE}`, message: 'held' }];
  const folders = [{ path: '/a\nb', namespace: '', files: 1, head: 1, paused: false, state: 'idle', pending: 0 }];
  const status = { state: 'attention', pending: 0, notYetSafe: 0, attention, folders, paused: false };
  const server = { url: 'http://127.0.0.1:1', connected: true };
  const shown = describeStatus({ ...status, server } as unknown as Status);
  expect(shown.split('\n')).toHaveLength(4);
  // eslint-disable-next-line no-control-regex
  expect(shown).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/u);
});
