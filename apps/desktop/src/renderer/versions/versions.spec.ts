import { expect } from '@playwright/test';
import { expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

const LETTER = '#/versions?folder=%2Fhome%2Fana%2FOnefold&path=Letter+to+Jin.md';

test('versions, a look and a comparison, dark and light: hide nothing from anyone', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await stage.play('idle', LETTER);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Letter to Jin.md');
  await expectAccessibleInBothThemes(page);
  for (const width of [800, 1920]) {
    await page.setViewportSize({ width, height: 860 });
    await page
      .getByRole('button', { name: /^Look at/u })
      .nth(1)
      .click();
    for (const show of ['As it was', 'What it changed', 'Against now']) {
      await page.getByRole('radio', { name: show }).click();
      await expect(page.getByRole('dialog').getByText('bring the plants').first()).toBeVisible();
      await expectAccessibleInBothThemes(page);
    }
    await page.keyboard.press('Escape');
  }
});

test('the line tells what became of the bytes and of the name, on which device', async ({ page, stage }) => {
  await stage.play('idle', LETTER);
  const rows = page.getByRole('list', { name: 'Versions' }).getByRole('listitem');
  await expect(rows).toHaveCount(5);
  await expect(rows.nth(0)).toContainText('Edited on Laptop');
  await expect(rows.nth(1)).toContainText('Edited on Desktop');
  await expect(rows.nth(2)).toContainText('Moved on Desktop from Inbox');
  await expect(rows.nth(3)).toContainText('Edited on 서재 맥북');
  await expect(rows.nth(4)).toContainText('Added on Laptop');
});

test('a version is looked at, compared and restored by keyboard alone', async ({ page, stage }) => {
  const daemon = await stage.play('idle', LETTER);
  await page
    .getByRole('button', { name: /^Look at/u })
    .nth(1)
    .focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('region')).toContainText('the flat is free from May on.');
  await page.getByRole('radio', { name: 'As it was' }).focus();
  await page.keyboard.press('ArrowLeft', { delay: 80 });
  const changed = dialog.getByRole('row').filter({ has: page.locator('del') });
  await expect(changed).toHaveCount(1);
  await expect(changed.locator('del')).toHaveText('May');
  await expect(changed.locator('ins')).toHaveText('June');
  await expect(dialog.getByRole('columnheader').last()).toHaveText('Now');
  await dialog.getByRole('button', { name: /^Restore the version of/u }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Letter to Jin\.md is back as of/u).first()).toBeVisible();
  await expect(dialog).toBeHidden();
  expect(daemon.asked).toEqual([['restore', { folder: '/home/ana/Onefold', path: 'Letter to Jin.md', version: '3' }]]);
});

test('an image is shown, and what cannot be shown says why and what to do', async ({ page, stage }) => {
  const address = (path: string): string => `${LETTER.replace('Letter+to+Jin.md', path)}&version=3`;
  const goOn = (hash: string): Promise<void> =>
    page.evaluate((to) => {
      location.hash = to;
    }, hash);
  await stage.play('idle', address('Poster.png'));
  const image = page.getByRole('dialog').getByRole('img');
  await expect(image).toBeVisible();
  expect(await image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBe(1);
  await page.getByRole('radio', { name: 'Against now' }).click();
  await expect(page.getByRole('dialog').getByRole('img')).toHaveCount(2);
  await goOn(address('Footage%2Ftake.mov'));
  await expect(page.getByRole('dialog')).toContainText('too large to be shown here');
  await goOn(address('Budget.xlsx'));
  await expect(page.getByRole('dialog')).toContainText('This kind of file cannot be shown here');
});
