import { expect } from '@playwright/test';
import { expectAccessible, expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

test('activity, dark and light: hides nothing from anyone', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await stage.play('idle', '#/activity');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Activity');
  await expect(page).toHaveTitle('Activity · Onefold');
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Activity' })).toHaveAttribute(
    'aria-current',
    'page',
  );
  await expectAccessibleInBothThemes(page);
});

test('a long feed keeps only what is in sight in the page, and loads more as one goes down', async ({
  page,
  stage,
}) => {
  await stage.play('long', '#/activity');
  await expect(page.locator('.row-activity').first()).toBeVisible();
  for (let pages = 0; pages < 4; pages++) {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await expect(page.locator('.row-activity').first()).toHaveAttribute(
      'aria-setsize',
      new RegExp(`^${pages + 2}00$`, 'u'),
    );
  }
  expect(await page.locator('.row-activity').count()).toBeLessThan(60);
  await expectAccessible(page);
});

test('the feed is filtered by name, kind and device', async ({ page, stage }) => {
  await stage.play('idle', '#/activity');
  const rows = page.locator('.row-activity');
  await expect(rows).toHaveCount(8);
  await page.getByRole('searchbox', { name: 'Find by name' }).fill('계약서');
  await expect(rows).toHaveCount(1);
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'What happened' }).selectOption('deletions');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('installer-old.dmg');
  await page.getByRole('combobox', { name: 'What happened' }).selectOption('all');
  await page.getByRole('combobox', { name: 'Device' }).selectOption('서재 맥북');
  await expect(rows).toHaveCount(1);
  await page.getByRole('searchbox', { name: 'Find by name' }).fill('nothing of this name');
  await expect(page.getByText('Nothing matches.')).toBeVisible();
});

test('a deleted file is brought back and an edit taken back, by keyboard', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/activity');
  await page.getByRole('button', { name: 'Bring back: installer-old.dmg' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('installer-old.dmg is back as it was.').first()).toBeVisible();
  await page.getByRole('button', { name: 'Back to the version before: Budget 2026.xlsx' }).click();
  expect(daemon.asked).toEqual([
    ['restore', { folder: '/home/ana/Onefold', path: 'Downloads/installer-old.dmg' }],
    ['restore', { folder: '/home/ana/Onefold', path: 'Finance/Budget 2026.xlsx' }],
  ]);
});

test('an edit that another came after is not taken back as if it were the last', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/activity');
  const undo = page.getByRole('button', { name: 'Back to the version before: Budget 2026.xlsx' });
  await expect(undo).toHaveCount(1);
  const edit = { kind: 'edited' as const, path: 'Finance/Budget 2026.xlsx', folder: '/home/ana/Onefold' };
  const device = { id: 'd2', name: 'Desktop', here: false };
  daemon.server.publish('activity', { items: [{ id: 'x', atMs: Date.now(), device, ...edit }] });
  const rows = page.locator('.row-activity').filter({ hasText: 'Budget' });
  await expect(rows).toHaveCount(2);
  await expect(rows.first().getByRole('button')).toHaveCount(1);
  await expect(rows.last().getByRole('button')).toHaveCount(0);
});

test('one comes from home to all of it, and back', async ({ page, stage }) => {
  await stage.play('long');
  await page.getByRole('link', { name: 'Show earlier' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Activity');
  await expect(page.locator('main')).toBeFocused();
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
});
