import { expect } from '@playwright/test';
import { expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

test('search, dark and light: hides nothing from anyone, at 800 px too', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 800, height: 860 });
  await stage.play('idle', '#/search');
  await expectAccessibleInBothThemes(page);
  await page.getByRole('searchbox').fill('budget');
  await expect(page.getByRole('status')).toHaveText('2 found');
  await expectAccessibleInBothThemes(page);
  await page.getByRole('searchbox').fill('no such name');
  await expect(page.getByText('Nothing has a name like that')).toBeVisible();
  await expectAccessibleInBothThemes(page);
});

test('it is reached from everywhere by keyboard, and a hit leads to its place in the tree', async ({ page, stage }) => {
  await stage.play('idle', '#/devices');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Devices');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('jin');
  await expect(page).toHaveURL(/#\/search\?text=jin$/u);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('take 04');
  const hit = page.getByRole('list', { name: 'What was found' }).getByRole('listitem');
  await expect(hit).toHaveCount(1);
  await expect(hit).toContainText('Onefold / Footage');
  await expect(hit).toContainText('Waits');
  await hit.getByRole('link').first().focus();
  await page.keyboard.press('Enter');
  const row = page.getByRole('treeitem', { name: 'interview-take-04.mov' });
  await expect(row).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('tree')).toBeFocused();
  // The tree is not held there: what is chosen next stays chosen.
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('treeitem', { name: 'interview-take-03.mov' })).toHaveAttribute('aria-selected', 'true');
});

test('what was deleted stands last, says so, and leads to its versions', async ({ page, stage }) => {
  await stage.play('idle', '#/search?text=budget');
  const hits = page.getByRole('list', { name: 'What was found' }).getByRole('listitem');
  await expect(hits).toHaveCount(2);
  await expect(hits.nth(1)).toContainText('Deleted');
  await hits.nth(1).getByRole('link').first().click();
  await expect(page).toHaveURL(/#\/versions\?.*Budget\+2024/u);
});

test('of very many hits only those in sight are in the page', async ({ page, stage }) => {
  await stage.play('long', '#/search?text=file');
  await expect(page.getByRole('status')).toHaveText('The best 200. Type more to find fewer.');
  expect(await page.getByRole('listitem').count()).toBeLessThan(80);
});

test('a dialog that waits for an answer is not left by the keys of the search', async ({ page, stage }) => {
  await stage.play('idle', '#/devices');
  await page.getByRole('button', { name: 'Rename' }).first().click();
  await page.keyboard.press('Control+k');
  await expect(page).toHaveURL(/#\/devices$/u);
});
