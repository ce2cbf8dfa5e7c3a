import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// The shell is Chromium's engine without a browser's own windows around it, which cost more than these pages do. e2e/ has the browser itself.
const PLACES = [
  process.env['ONEFOLD_CHROMIUM'] ?? '',
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = PLACES.find((path) => path !== '' && existsSync(path));

/** The page alone, against a daemon that is played. The whole product is tested in e2e/. */
export default defineConfig({
  globalSetup: '../../tools/test-run/page-sources.mjs',
  testDir: 'src/renderer',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  // Each test has a page and a played daemon of its own.
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  // It ends what hangs; how long a loaded machine takes is no finding.
  timeout: 90_000,
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    launchOptions: executablePath === undefined ? {} : { executablePath },
  },
});
