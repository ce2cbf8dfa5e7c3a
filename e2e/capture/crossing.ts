import { writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from '@playwright/test';
import { runOk } from '../../tools/command-line.ts';
import { findChromium } from '../../tools/test-run/chromium.mjs';
import { createWorld, settle, type Device } from '../harness/world.ts';
import { animatePngs } from './animated-png.ts';
import { laySideBySide, type Moment, type Pane } from './lay-side-by-side.ts';

/*
 * A file crossing over between two devices, as an animated PNG: two real daemons, a real server, and the page of each.
 *
 *   node e2e/capture/crossing.ts [FILE]        default: docs/screens/crossing.png
 */
const WIDTH_PX = 800;
const HEIGHT_PX = 600;
const FILE_BYTES = 30e6;
/** Slow enough to be seen. */
const RATE = '6 MB';
const SHOT_EVERY_MS = 250;
const LAST_MS = 3_000;

const target = process.argv[2] ?? fileURLToPath(new URL('../../docs/screens/crossing.png', import.meta.url));
const world = await createWorld();
const executablePath = findChromium();
const browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
try {
  await world.startServer();
  const laptop = await world.addDevice('Laptop');
  const desktop = await world.addDevice('Desktop');
  for (const device of [laptop, desktop]) {
    await device.start();
    await runOk('onefold', ['settings', 'set', 'bandwidth.upBytesPerSecond', RATE, '--home', device.home]);
    await runOk('onefold', ['settings', 'set', 'bandwidth.downBytesPerSecond', RATE, '--home', device.home]);
  }
  await writeFile(join(laptop.folder, 'Letter to Jin.md'), 'Dear Jin,\n');
  await settle([laptop, desktop]);
  const pages = [await open(browser, laptop), await open(browser, desktop)] as const;
  const moments = await watch(pages, async () => {
    await writeFile(join(laptop.folder, 'Interview, take 4.mov'), randomBytes(FILE_BYTES));
  });
  const pane = (title: string): Pane => ({ title, widthPx: WIDTH_PX, heightPx: HEIGHT_PX });
  const frames = await laySideBySide(browser, [pane('Laptop'), pane('Desktop')], moments);
  const animation = animatePngs(frames);
  await writeFile(target, animation);
  process.stdout.write(`${target}: ${frames.length} frames, ${Math.round(animation.length / 1000)} kB\n`);
} finally {
  await browser.close();
  await world.close();
}

async function open(from: Browser, device: Device): Promise<Page> {
  const context = await from.newContext({
    viewport: { width: WIDTH_PX, height: HEIGHT_PX },
    colorScheme: 'light',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto((await runOk('onefold', ['ui', '--home', device.home])).trim());
  await page.getByRole('heading', { name: 'Everything is safe.' }).waitFor();
  await page.evaluate(() => document.fonts.ready);
  return page;
}

/** Both pages from a moment before the deed until both are at rest again with the file on the other side. */
async function watch(pages: readonly [Page, Page], deed: () => Promise<void>): Promise<Moment[]> {
  const shots: { readonly left: Buffer; readonly right: Buffer; readonly atMs: number }[] = [];
  let isDone = false;
  const watching = (async () => {
    while (!isDone) {
      const atMs = performance.now();
      const [left, right] = await Promise.all([pages[0].screenshot(), pages[1].screenshot()]);
      shots.push({ left, right, atMs });
      const restMs = SHOT_EVERY_MS - (performance.now() - atMs);
      if (restMs > 0) await pages[0].waitForTimeout(restMs);
    }
  })();
  await pages[0].waitForTimeout(1_000);
  await deed();
  for (const page of pages) {
    await page.getByText('Interview, take 4.mov').first().waitFor({ timeout: 60_000 });
    await page.getByRole('heading', { name: 'Everything is safe.' }).waitFor({ timeout: 60_000 });
  }
  await pages[0].waitForTimeout(2_000);
  isDone = true;
  await watching;
  return shots.map(({ left, right, atMs }, index) => ({
    left,
    right,
    delayMs: Math.round((shots[index + 1]?.atMs ?? atMs + LAST_MS) - atMs),
  }));
}
