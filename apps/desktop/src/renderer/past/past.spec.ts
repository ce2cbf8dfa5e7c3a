import { expect } from '@playwright/test';
import { expectAccessible, expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

const FINANCE = '#/past?folder=%2Fhome%2Fana%2FOnefold&path=Finance';

test('a folder as it was, dark and light: hides nothing from anyone, at 800 px too', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await stage.play('idle', FINANCE);
  for (const width of [800, 1920]) {
    await page.setViewportSize({ width, height: 860 });
    await expectAccessibleInBothThemes(page);
    await page.getByRole('button', { name: 'A week ago' }).click();
    await expect(page.getByText('Receipts 2024.zip')).toBeVisible();
    await expectAccessibleInBothThemes(page);
    await page.getByRole('button', { name: 'Go back', exact: true }).click();
    await expectAccessibleInBothThemes(page);
    await page.keyboard.press('Escape');
  }
});

test('one comes from the tree, sees what would change, and goes back only when asked twice; it can be taken back', async ({
  page,
  stage,
}) => {
  const daemon = await stage.play('idle', '#/files');
  await page.getByRole('treeitem', { name: 'Finance' }).click();
  await page.getByRole('link', { name: 'Finance as it was' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Finance as it was');
  const moment = page.getByRole('group', { name: 'Moment' });
  await moment.getByRole('textbox', { name: 'Day' }).fill('1');
  await moment.getByRole('combobox', { name: 'Month' }).selectOption('Mar');
  await moment.getByRole('textbox', { name: 'Year' }).fill('2026');
  await moment.getByRole('textbox', { name: 'Time' }).fill('12:00:00');
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 comes back · 1 changes back · 1 goes into the trash')).toBeVisible();
  await page.getByRole('button', { name: 'Go back', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('1 entry that was not there then goes into the trash.');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(daemon.asked).toEqual([]);
  await page.getByRole('button', { name: 'Go back', exact: true }).click();
  await dialog.getByRole('button', { name: 'Go back', exact: true }).click();
  await expect(page.getByText('Everything here is as it was then.')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('Receipts 2024.zip')).toBeVisible();
  const place = { folder: '/home/ana/Onefold', path: 'Finance' };
  expect(daemon.asked).toEqual([
    ['goBack', { ...place, atMs: new Date('2026-03-01T12:00:00').getTime() + 999 }],
    ['goBack', { ...place, atMs: expect.any(Number) as unknown }],
  ]);
});

test('one goes back change by change, as the server took them', async ({ page, stage }) => {
  await stage.play('idle', `${FINANCE}&at=1790000000000`);
  await page.getByRole('button', { name: 'One change earlier' }).click();
  await expect(page).toHaveURL(/at=1789999998999$/u);
});

test('a moment is written as the language of the page writes it, whatever the browser speaks', async ({
  page,
  stage,
}) => {
  await stage.play('idle', `${FINANCE}&at=${new Date(2026, 10, 18, 18, 5, 40).getTime()}`);
  const moment = page.getByRole('group', { name: /^(Moment|시점)$/u });
  const fields = moment.locator('input, select');
  const values = () => fields.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
  await expect.poll(values).toEqual(['18', '11', '2026', '18:05:40']);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: '한국어' }).click();
  await page.goBack();
  await expect(moment).toContainText('11월');
  await expect.poll(values).toEqual(['2026', '11', '18', 'pm', '6:05:40']);
  await expectAccessible(page);
  await moment.getByRole('combobox', { name: '오전 또는 오후' }).selectOption('오전');
  await expect(page).toHaveURL(new RegExp(`at=${new Date(2026, 10, 18, 6, 5, 40).getTime() + 999}$`, 'u'));
});

test('a day that its month does not have is said to be none, and asks for nothing', async ({ page, stage }) => {
  await stage.play('idle', `${FINANCE}&at=${new Date(2026, 0, 31, 18, 5).getTime()}`);
  const moment = page.getByRole('group', { name: 'Moment' });
  await moment.getByRole('combobox', { name: 'Month' }).selectOption('Feb');
  await expect(page.getByRole('alert')).toContainText('There is no such moment');
  await expectAccessible(page);
  await moment.getByRole('textbox', { name: 'Day' }).fill('28');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`at=${new Date(2026, 1, 28, 18, 5).getTime() + 999}$`, 'u'));
  await expect(page.getByText('There is no such moment')).toBeHidden();
  await expect(moment.getByRole('textbox', { name: 'Day' })).toBeFocused();
});
