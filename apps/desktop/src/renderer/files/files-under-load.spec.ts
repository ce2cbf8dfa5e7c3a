import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { MANY } from '../fixtures/files.ts';
import { expectAccessible, test } from '../fixtures/stage.ts';

/* Not measured by the clock, which tells of the machine: what is counted is the work that an event or a scroll causes. */

/** Counts what is formatted: every row of a file that is made says a size. */
const COUNT_SIZES = `
  globalThis.sizesSaid = 0;
  const { get } = Object.getOwnPropertyDescriptor(Intl.NumberFormat.prototype, 'format');
  Object.defineProperty(Intl.NumberFormat.prototype, 'format', { get() { sizesSaid++; return get.call(this); } });`;

/** What was counted since the last time. */
function takeSizes(page: Page): Promise<number> {
  return page.evaluate<number>('(() => { const said = sizesSaid; sizesSaid = 0; return said; })()');
}

async function frames(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

test('a long list comes in small pieces, and what a transfer tells renders none of its rows', async ({
  page,
  stage,
}) => {
  await page.addInitScript(COUNT_SIZES);
  const daemon = await stage.play('long', '#/files');
  const first = page.getByRole('treeitem', { name: 'file-000000.txt' }).first();
  await expect(first).toHaveAttribute('aria-setsize', String(MANY), { timeout: 60_000 });
  expect(stage.longestMessage).toBeLessThan(100_000);
  await page.getByRole('tree').focus();
  await page.keyboard.press('PageDown');
  await frames(page);
  await takeSizes(page);
  const progress = { filesDone: 1, filesTotal: 9, bytesDone: 0, bytesTotal: 9e9, bytesPerSecond: 1e7, secondsLeft: 9 };
  for (let second = 0; second < 30; second++) {
    daemon.setStatus({ state: 'syncing', progress: { ...progress, bytesDone: second * 1e7, inFlight: [] } });
    daemon.server.publish('throughput', { atMs: second * 1000, upBytesPerSecond: 1e7 + second, downBytesPerSecond: 0 });
  }
  daemon.setStatus({ device: { id: 'd1', name: 'Laptop of today' } });
  await expect(page.getByText('Laptop of today')).toBeVisible();
  expect(await takeSizes(page)).toBe(0);
});

test('scrolling makes the rows that come into sight, and no others', async ({ page, stage }) => {
  await page.addInitScript(COUNT_SIZES);
  await stage.play('long', '#/files');
  const first = page.getByRole('treeitem', { name: 'file-000000.txt' }).first();
  await expect(first).toHaveAttribute('aria-setsize', String(MANY), { timeout: 60_000 });
  await frames(page);
  await takeSizes(page);
  await page.mouse.move(640, 500);
  // Ten rows further.
  await page.mouse.wheel(0, 360);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(360);
  await frames(page);
  expect(await takeSizes(page)).toBeLessThanOrEqual(12);
});

test('however much happens, the tree is looked at again now and then, as a whole, and nothing stands in it twice', async ({
  page,
  stage,
}) => {
  const daemon = await stage.play('idle', '#/files');
  await page.getByRole('treeitem', { name: 'Finance' }).click();
  const budget = page.getByRole('treeitem', { name: 'Budget 2026.xlsx' });
  await expect(budget).toHaveCount(1);
  const before = daemon.looks;
  const device = { id: 'd2', name: 'Desktop', here: false };
  for (let index = 0; index < 100; index++) {
    const item = { id: `s${index}`, atMs: Date.now(), kind: 'edited' as const, path: 'Finance/Budget 2026.xlsx' };
    daemon.server.publish('activity', { items: [{ ...item, folder: '/home/ana/Onefold', device }] });
  }
  // Another folder than the one that the last event was of: each is looked at.
  daemon.setEntryState('Letter to Jin.md', 'not-yet-safe');
  daemon.setStatus({ notYetSafe: 1 });
  await expect(page.getByRole('treeitem', { name: 'Letter to Jin.md' })).toContainText('Not yet safe');
  await expect(budget).toHaveCount(1);
  // Three folders are open, and each look asks for each once.
  expect(daemon.looks - before).toBeLessThanOrEqual(9);
  await expectAccessible(page);
});
