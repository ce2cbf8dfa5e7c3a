import { existsSync } from 'node:fs';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * Finds the browser of the end-to-end tests: the system's own, or the one ONEFOLD_CHROMIUM names.
 * @returns {string | undefined} the path of its binary
 */
export function findChromium() {
  const named = process.env['ONEFOLD_CHROMIUM'];
  return [...(named === undefined ? [] : [named]), ...USUAL_PLACES].find((path) => existsSync(path));
}
