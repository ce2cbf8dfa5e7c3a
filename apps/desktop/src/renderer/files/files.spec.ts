import { expect } from '@playwright/test';
import { MANY } from '../fixtures/files.ts';
import { expectAccessible, expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

test('files and versions, dark and light: hide nothing from anyone', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await stage.play('idle', '#/files');
  await page.getByRole('treeitem', { name: 'Footage' }).click();
  await expect(page.getByRole('treeitem', { name: 'interview-take-03.mov' })).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await page.getByRole('treeitem', { name: 'Finance' }).click();
  await page.getByRole('link', { name: 'Versions of Budget 2026.xlsx' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Budget 2026.xlsx');
  await expect(page.getByText('As it is now')).toBeVisible();
  await expectAccessibleInBothThemes(page);
});

test('the tree is walked, opened and asked why by keyboard alone', async ({ page, stage }) => {
  await stage.play('idle', '#/files');
  await page.getByRole('tree').focus();
  const selected = page.locator('[aria-selected="true"]');
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  for (let down = 0; down < 4; down++) await page.keyboard.press('ArrowDown');
  await expect(selected).toContainText('Footage');
  await page.keyboard.press('ArrowRight');
  await expect(selected).toHaveAttribute('aria-expanded', 'true');
  await expect(page.getByRole('treeitem', { name: 'interview-take-04.mov' })).toHaveAttribute('aria-level', '3');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await expect(selected).toContainText('interview-take-04.mov');
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'How interview-take-04.mov stands' });
  await expect(dialog).toContainText('Another program holds it.');
  await expect(dialog).toContainText('The server does not answer.');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.keyboard.press('ArrowLeft');
  await expect(selected).toContainText('Footage');
  await page.keyboard.press('ArrowLeft');
  await expect(selected).toHaveAttribute('aria-expanded', 'false');
});

test('a folder of very many files keeps only what is in sight in the page', async ({ page, stage }) => {
  await stage.play('long', '#/files');
  await page.getByRole('tree').focus();
  await expect(page.getByRole('treeitem', { name: 'file-000000.txt' }).first()).toHaveAttribute(
    'aria-setsize',
    String(MANY),
    { timeout: 20_000 },
  );
  await page.keyboard.press('End');
  await expect(page.locator('[aria-selected="true"]')).toContainText('Poster final.psd');
  await expect(page.getByRole('treeitem', { name: `file-0${MANY - 1}.txt` })).toBeVisible();
  expect(await page.getByRole('treeitem').count()).toBeLessThan(90);
});

test('a version takes the place of the file or is put beside it', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/versions?folder=%2Fhome%2Fana%2FOnefold&path=Finance%2FBudget+2026.xlsx');
  await page
    .getByRole('button', { name: /^Restore the version of/u })
    .first()
    .click();
  await expect(page.getByText(/^Budget 2026\.xlsx is back as of/u).first()).toBeVisible();
  await page
    .getByRole('button', { name: /^Put beside/u })
    .last()
    .click();
  await expect(page.getByText(/^It is beside the file now: Budget 2026 \(.*\)\.xlsx/u).first()).toBeVisible();
  const place = { folder: '/home/ana/Onefold', path: 'Finance/Budget 2026.xlsx' };
  expect(daemon.asked).toEqual([
    ['restore', { ...place, version: '3' }],
    ['restore', { ...place, version: '1', to: expect.stringMatching(/^Finance\/Budget 2026 \(.*\)\.xlsx$/u) }],
  ]);
});
