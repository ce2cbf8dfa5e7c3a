import { expect, test } from 'vitest';
import { browserCommand } from './open-browser.ts';

const FILE = '/home/ana/a b/open-page.html';

test.each([
  ['linux', {}],
  ['linux', { DISPLAY: '' }],
  ['darwin', { SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }],
  ['win32', { SSH_TTY: 'x' }],
] as const)('on %s with %j there is nothing to open a page on', (platform, env) => {
  expect(browserCommand(FILE, platform, env)).toBeNull();
});

test.each([
  ['linux', { DISPLAY: ':0' }, 'xdg-open'],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, 'xdg-open'],
  ['linux', { DISPLAY: 'localhost:10.0', SSH_CONNECTION: 'x' }, 'xdg-open'],
  ['darwin', {}, 'open'],
  ['win32', {}, 'rundll32.exe'],
] as const)('on %s with %j it is opened by %s', (platform, env, command) => {
  const chosen = browserCommand(FILE, platform, env);
  expect(chosen?.command).toBe(command);
  expect(chosen?.args.at(-1)).toMatch(/a(?: |%20)b\/open-page\.html$/u);
});
