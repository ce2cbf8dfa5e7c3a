import { defineConfig } from '@playwright/test';
import { findChromium } from '../tools/test-run/chromium.mjs';

const executablePath = findChromium();

export default defineConfig({
  globalSetup: '../tools/test-run/page-sources.mjs',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  // Each test starts a server and daemons of its own, and waits for them a third of the time: two at once fill two cores.
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: {
    browserName: 'chromium',
    // A trace has the page as it stood before and after each step; pictures of all that was between would cost a tenth of the run.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: executablePath === undefined ? {} : { executablePath },
  },
});
