import { expect, test } from 'vitest';
import { staleness } from './install.mjs';

const WANTED = {
  '': { version: '1.0.0' },
  'packages/own': { version: '1.0.0' },
  'node_modules/own': { link: true, resolved: 'packages/own' },
  'node_modules/part': { version: '2.0.0' },
  'node_modules/part/node_modules/inner': { version: '3.0.0' },
  'node_modules/for-another-system': { version: '4.0.0', optional: true },
};

const INSTALLED = {
  'node_modules/own': { link: true, resolved: 'packages/own' },
  'node_modules/part': { version: '2.0.0' },
  'node_modules/part/node_modules/inner': { version: '3.0.0' },
};

test('what the lock file wants is installed: nothing to do', () => {
  expect(staleness(WANTED, INSTALLED)).toBeUndefined();
});

test('nothing installed is a reason to install', () => {
  expect(staleness(WANTED, undefined)).toBe('nothing is installed yet');
});

test('a missing part, also a nested one, is a reason to install', () => {
  const { 'node_modules/part/node_modules/inner': _, ...rest } = INSTALLED;
  expect(staleness(WANTED, rest)).toBe('node_modules/part/node_modules/inner is missing');
});

test('another version is a reason to install, also of a part that may be absent', () => {
  expect(staleness(WANTED, { ...INSTALLED, 'node_modules/part': { version: '1.9.9' } })).toMatch('has changed');
  expect(staleness(WANTED, { ...INSTALLED, 'node_modules/for-another-system': { version: '3.9.9' } })).toMatch(
    'has changed',
  );
});
