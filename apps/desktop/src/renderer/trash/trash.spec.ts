import { expect } from '@playwright/test';
import { OnefoldError } from '@onefold/control';
import { expectAccessible, expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

const HOME = '/home/ana/Onefold';

test('the trash and its question, dark and light: hide nothing from anyone', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await stage.play('idle', '#/trash');
  for (const width of [800, 1920]) {
    await page.setViewportSize({ width, height: 860 });
    await expect(page.getByRole('listitem').filter({ hasText: 'Receipts 2024.zip' })).toBeVisible();
    await page.getByRole('checkbox', { name: 'Select installer-old.dmg' }).click();
    await expectAccessibleInBothThemes(page);
    await page.getByRole('button', { name: 'Empty the trash on this device' }).click();
    await expect(page.getByRole('dialog')).toContainText('cannot be undone');
    await expectAccessibleInBothThemes(page);
    await page.keyboard.press('Escape');
  }
  await page.getByRole('radio', { name: 'Gone for good' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'first.md' })).toBeVisible();
  await expectAccessibleInBothThemes(page);
});

test('each entry says who deleted it, where it is kept and when it goes', async ({ page, stage }) => {
  await stage.play('idle', '#/trash');
  const row = (name: string) => page.getByRole('listitem').filter({ hasText: name });
  await expect(row('Receipts 2024.zip')).toContainText(
    'Deleted on 서재 맥북 · on the server · goes for good in 25 days',
  );
  await expect(row('installer-old.dmg')).toContainText('in the trash on this device · goes for good in 30 days');
  await expect(row('오래된 메모.md')).toContainText('stays until you remove it');
  await page.getByRole('radio', { name: 'Gone for good' }).click();
  await expect(row('first.md')).toContainText('Deleted on Desktop');
  await expect(row('first.md').getByRole('button')).toHaveCount(0);
});

test('several are found, chosen and brought back by keyboard alone', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/trash');
  await page.getByRole('searchbox').fill('a');
  await expect(page.getByText('Notes', { exact: false })).toHaveCount(0);
  await page.getByRole('checkbox', { name: 'Select installer-old.dmg' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('checkbox', { name: 'Select 2019' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Restore 2', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('2 are back where they stood.').first()).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: '2019' })).toBeHidden();
  expect(daemon.asked).toEqual([
    ['restoreTrash', { folder: HOME, id: 'here:1' }],
    ['restoreTrash', { folder: HOME, id: 'server:4' }],
  ]);
});

test('where something else stands nothing is replaced, and it can be put beside', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/trash');
  daemon.refuseRestore = new OnefoldError('precondition-failed', 'the place is taken');
  await page.getByRole('button', { name: 'Restore Receipts 2024.zip' }).click();
  await expect(page.getByText('Receipts 2024.zip is not back').first()).toBeVisible();
  daemon.refuseRestore = null;
  await page.getByRole('button', { name: 'Put beside' }).click();
  await expect(page.getByText(/^Receipts 2024 \(.*\)\.zip is back\.$/u).first()).toBeVisible();
  expect(daemon.asked.map(([, args]) => args)).toEqual([
    { folder: HOME, id: 'server:5' },
    { folder: HOME, id: 'server:5', to: expect.stringMatching(/^Finance\/Receipts 2024 \(.*\)\.zip$/u) },
  ]);
});

test('only what is chosen and lies here is removed, and only after it was asked', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/trash');
  await page.getByRole('checkbox', { name: 'Select all' }).click();
  await page.getByRole('checkbox', { name: 'Select installer-old.dmg' }).click();
  await page.getByRole('button', { name: 'Remove 2 for good' }).click();
  expect(daemon.asked).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Remove for good' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'interview-take-01.mov' })).toBeHidden();
  await expect(page.getByRole('listitem').filter({ hasText: 'installer-old.dmg' })).toBeVisible();
  expect(daemon.asked).toEqual([['emptyTrash', { folder: HOME, ids: ['here:2', 'here:3'] }]]);
});

test('an empty trash says what it is for', async ({ page, stage }) => {
  await stage.play('empty', '#/trash');
  await expect(page.getByText('Nothing is in the trash.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Empty the trash on this device' })).toBeHidden();
  await expectAccessible(page);
});
