import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { deviceHome } from './device-home.ts';

test('the home is the one that is named, else the system’s own place', () => {
  expect(deviceHome({ ONEFOLD_HOME: '/srv/home' }, 'linux')).toBe(resolve('/srv/home'));
  expect(deviceHome({ XDG_STATE_HOME: '/state', ONEFOLD_HOME: '' }, 'linux')).toBe('/state/onefold');
  expect(deviceHome({}, 'linux')).toMatch(/\.local\/state\/onefold$/u);
  expect(deviceHome({}, 'darwin')).toMatch(/Library\/Application Support\/Onefold$/u);
});
