import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { controlAddress, resolveHome } from './home.ts';

test('the home is the one that is named, else the environment’s, else the system’s own place', () => {
  expect(resolveHome('/srv/named', { ONEFOLD_HOME: '/srv/home' })).toBe(resolve('/srv/named'));
  expect(resolveHome(undefined, { ONEFOLD_HOME: '/srv/home' })).toBe(resolve('/srv/home'));
  expect(resolveHome(undefined, { XDG_STATE_HOME: '/state', ONEFOLD_HOME: '' })).toMatch(/onefold$/iu);
});

test.skipIf(process.platform === 'win32')('a home too deep for a socket gets one elsewhere, the same each time', () => {
  expect(controlAddress('/srv/home')).toBe(join('/srv/home', 'control.sock'));
  const deep = join('/', 'd'.repeat(120));
  expect(controlAddress(deep)).toBe(controlAddress(deep));
  expect(Buffer.byteLength(controlAddress(deep))).toBeLessThan(104);
  expect(controlAddress(deep)).not.toBe(controlAddress(`${deep}e`));
});
