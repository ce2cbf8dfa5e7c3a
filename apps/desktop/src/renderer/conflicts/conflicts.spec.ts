import { expect } from '@playwright/test';
import { expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

const HOME = '/home/ana/Onefold';
const MEETING = { folder: HOME, path: 'Notes/Meeting (conflict, Desktop, 2026-11-22 14.03).md' };
const LEASE = { folder: HOME, path: 'Contracts/임대차 계약서 (conflict, 서재 맥북, 2026-11-20 09.41).pdf' };

test('conflicts and the decision, dark and light: hide nothing from anyone', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await stage.play('idle', '#/conflicts');
  await expect(page.getByRole('listitem').filter({ hasText: 'Meeting' })).toBeVisible();
  await expectAccessibleInBothThemes(page);
  for (const width of [800, 1920]) {
    await page.setViewportSize({ width, height: 860 });
    await page.getByRole('button', { name: 'Compare and decide: Meeting.md' }).click();
    await expect(page.getByRole('dialog').getByRole('table')).toBeVisible();
    await expectAccessibleInBothThemes(page);
    await page.keyboard.press('Escape');
  }
});

test('both sides stand beside each other, never swapped, and keeping one can be undone', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/conflicts');
  await page.getByRole('button', { name: 'Compare and decide: Meeting.md' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('region', { name: 'Under its name', exact: true })).toContainText('Laptop');
  await expect(dialog.getByRole('region', { name: 'The copy', exact: true })).toContainText('Desktop');
  await expect(dialog.getByRole('columnheader')).toHaveText(['Under its name', 'The copy']);
  await dialog.getByRole('button', { name: 'Keep this one: Desktop' }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByText('Kept: Desktop.').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Compare and decide: Meeting.md' })).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('button', { name: 'Compare and decide: Meeting.md' })).toBeVisible();
  expect(daemon.asked).toEqual([
    ['resolveConflict', { ...MEETING, keep: 'copy' }],
    ['undo', { undo: 'u1' }],
  ]);
});

test('the rail counts what waits, on whichever device it was made', async ({ page, stage }) => {
  await page.clock.install();
  const daemon = await stage.play('idle', '#/conflicts');
  const entry = page.getByRole('link', { name: /^Conflicts/u });
  await expect(entry).toContainText('2');
  await page.getByRole('button', { name: 'Compare and decide: Meeting.md' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep both' }).click();
  await expect(entry).toContainText('1');
  // Whatever else happens, the list is not asked for again.
  const before = daemon.conflictsAsked;
  const device = { id: 'd1', name: 'Laptop', here: true };
  for (let at = 0; at < 20; at++) {
    const item = {
      id: `x${at}`,
      atMs: Date.now(),
      kind: 'added' as const,
      path: `new ${at}.txt`,
      folder: HOME,
      device,
    };
    daemon.server.publish('activity', { items: [item] });
  }
  await page.getByRole('link', { name: 'Home' }).click();
  await expect(page.getByText('and 19 more')).toBeVisible();
  // Whoever asks again does so after a while.
  await page.clock.fastForward(30_000);
  await expect(page.getByText('30s ago').first()).toBeVisible();
  expect(daemon.conflictsAsked).toBe(before);
});

test('where nothing stands under the name the copy takes it back, and the last decision leaves an empty page', async ({
  page,
  stage,
}) => {
  const daemon = await stage.play('idle', '#/conflicts');
  await page.getByRole('button', { name: /^Compare and decide: 임대차/u }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Nothing stands under the name any more.');
  await expect(dialog).toContainText('This kind of file cannot be shown here');
  await dialog.getByRole('button', { name: 'Give it its name back' }).click();
  await expect(page.getByText(/has its name back/u).first()).toBeVisible();
  await page.getByRole('button', { name: 'Compare and decide: Meeting.md' }).click();
  await dialog.getByRole('button', { name: 'Keep both' }).click();
  await expect(page.getByText('No conflicts.')).toBeVisible();
  expect(daemon.asked).toEqual([
    ['resolveConflict', { ...LEASE, keep: 'copy' }],
    ['resolveConflict', { ...MEETING, keep: 'both' }],
  ]);
});

test('two texts are merged place by place and by hand, and saved as what was looked at', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/conflicts');
  await page.getByRole('button', { name: 'Compare and decide: Meeting.md' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Merge the texts' }).click();
  const result = dialog.getByLabel('Result');
  const both = await result.inputValue();
  const place = dialog.getByRole('radiogroup').first();
  await place.getByRole('radio', { name: 'The copy' }).click();
  const one = await result.inputValue();
  expect(one.length).toBeLessThan(both.length);
  await expectAccessibleInBothThemes(page);
  await result.fill(`${one}and a line of my own\n`);
  await expect(dialog.getByRole('radiogroup')).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Choose again' }).click();
  await expect(result).toHaveValue(one);
  await result.fill(`${one}and a line of my own\n`);
  await dialog.getByRole('button', { name: 'Save the merged text' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('Merged. Both sides are in the trash.').first()).toBeVisible();
  expect(daemon.asked).toEqual([
    ['mergeConflict', { ...MEETING, text: `${one}and a line of my own\n`, was: expect.anything() as unknown }],
  ]);
});

test('what was written by hand outlives a stray click and Escape, and goes when that is said twice', async ({
  page,
  stage,
}) => {
  const daemon = await stage.play('idle', '#/conflicts');
  await page.getByRole('button', { name: 'Compare and decide: Meeting.md' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Merge the texts' }).click();
  const result = dialog.getByLabel('Result');
  await result.fill('an hour of work\n');
  await page.mouse.click(3, 3);
  await expect(dialog.getByText('What you wrote is not saved.')).toBeVisible();
  await expect(result).toHaveValue('an hour of work\n');
  // Whoever writes on has said nothing yet.
  await result.fill('two hours of work\n');
  await page.keyboard.press('Escape');
  await expect(dialog.getByText('What you wrote is not saved.')).toBeVisible();
  await result.fill('three hours of work\n');
  await dialog.getByRole('button', { name: 'Back' }).click();
  await expect(dialog.getByText('What you wrote is not saved.')).toBeVisible();
  await expect(result).toHaveValue('three hours of work\n');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  expect(daemon.asked).toEqual([]);
});
