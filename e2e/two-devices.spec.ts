import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { runOk } from '../tools/command-line.ts';
import { findViolations, openPage } from './harness/pages.ts';
import { createWorldOfTwo, settle, type Device, type World } from './harness/world.ts';

/** Where pictures for the documentation go; none are taken without it. */
const SCREENS = process.env['ONEFOLD_SCREENS'];

let world: World;
let laptop: Device;
let desktop: Device;

test.beforeAll(async () => {
  ({ world, laptop, desktop } = await createWorldOfTwo());
});

test.afterAll(() => world.close());

test('a file dropped into one folder arrives on the page of the other device', async ({ page, context }) => {
  const here = await context.newPage();
  await openPage(here, laptop);
  await openPage(page, desktop);
  await expect(here.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');

  writeFileSync(join(laptop.folder, 'Thesis draft.txt'), 'It begins with a folder.');
  await expect(page.getByText('Thesis draft.txt').first()).toBeVisible();
  await expect(here.getByText('Thesis draft.txt').first()).toBeVisible();
  await settle([laptop, desktop]);
  expect(readFileSync(join(desktop.folder, 'Thesis draft.txt'), 'utf8')).toBe('It begins with a folder.');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
});

test('pausing on the page holds changes back, and resuming sends them', async ({ page }) => {
  await openPage(page, laptop);
  await page.getByRole('button', { name: 'Pause', exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Paused');
  writeFileSync(join(laptop.folder, 'written while paused.txt'), 'wait');
  await expect.poll(async () => (await laptop.status()).notYetSafe).toBeGreaterThan(0);
  expect((await laptop.status()).state).toBe('paused');
  await page.getByRole('button', { name: 'Resume', exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
  await settle([laptop, desktop]);
  expect(readFileSync(join(desktop.folder, 'written while paused.txt'), 'utf8')).toBe('wait');
});

test('without its server the page says that changes wait, and with it that they are safe', async ({ page }) => {
  await openPage(page, desktop);
  await world.stopServer();
  writeFileSync(join(desktop.folder, 'offline note.txt'), 'later');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Offline: 1 change waits.');
  await world.startServer();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.', { timeout: 90_000 });
});

test('the page is whole in both languages and themes, with nothing for axe to find', async ({ browser }) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const locale of ['en-US', 'ko-KR']) {
      const context = await browser.newContext({ colorScheme, locale, viewport: { width: 1280, height: 860 } });
      const page = await context.newPage();
      await openPage(page, laptop);
      await expect(page.getByText('Thesis draft.txt').first()).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('lang', locale.slice(0, 2));
      expect(await findViolations(page)).toEqual([]);
      if (SCREENS !== undefined)
        await page.screenshot({ path: join(SCREENS, `home-${colorScheme}-${locale.slice(0, 2)}.png`) });
      await context.close();
    }
  }
});

test('a device that is removed on the page of another is told so on its own, at once, and gets and sends nothing more', async ({
  page,
  context,
}) => {
  const other = await context.newPage();
  await openPage(other, desktop);
  await openPage(page, laptop, 'Devices');
  await page.getByRole('button', { name: 'Remove Desktop' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove Desktop' }).click();
  await expect(page.getByRole('list', { name: 'Devices' })).not.toContainText('Desktop');
  // Nothing is changed on that device that would have it ask its server: the open socket tells it.
  await expect(other.getByText('This device was removed from your account.').first()).toBeVisible();
  await expect(other.getByRole('heading', { level: 1 })).not.toHaveText('Everything is safe.');

  const kept = readFileSync(join(desktop.folder, 'Thesis draft.txt'), 'utf8');
  writeFileSync(join(laptop.folder, 'after.txt'), 'for those who are left');
  writeFileSync(join(desktop.folder, 'taken along.txt'), 'from outside');
  await settle([laptop]);
  expect(await runOk('onefold', ['devices', '--home', laptop.home])).not.toContain('Desktop');
  const late = await desktop.syncWait(20);
  expect(late.code).not.toBe(0);
  expect(existsSync(join(desktop.folder, 'after.txt'))).toBe(false);
  expect(existsSync(join(laptop.folder, 'taken along.txt'))).toBe(false);
  expect(readFileSync(join(desktop.folder, 'Thesis draft.txt'), 'utf8')).toBe(kept);
});
