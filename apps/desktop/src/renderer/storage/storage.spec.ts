import { expect } from '@playwright/test';
import { expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

test('storage, dark and light: hides nothing from anyone, at 800 px too', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await stage.play('idle', '#/storage');
  for (const width of [800, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    await expect(page.getByRole('rowheader', { name: 'Footage' })).toBeVisible();
    await expectAccessibleInBothThemes(page);
  }
});

test('the table says what the areas show, and leads into a folder by keyboard; the way leads back', async ({
  page,
  stage,
}) => {
  await stage.play('idle', '#/storage');
  const byFolder = page.getByRole('table', { name: 'By folder' });
  await expect(byFolder.getByRole('row').nth(1)).toHaveText('Footage64%31 GB7,750');
  await expect(byFolder.getByRole('row').last()).toContainText('Everything smaller');
  await expect(page.getByRole('table', { name: 'By kind' }).getByRole('row').nth(1)).toHaveText('Video64%31 GB212');
  await expect(page.getByText('31% of 200 GB, with old versions')).toBeVisible();
  await byFolder.getByRole('link', { name: 'Footage' }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/path=Footage&side=here$/u);
  const way = page.getByRole('navigation', { name: 'Where this is' });
  await expect(way.locator('[aria-current]')).toHaveText('Footage');
  await way.getByRole('link', { name: 'Onefold' }).click();
  await expect(page).toHaveURL(/path=&side=here$/u);
});

test('a click on an area looks into its folder, and the other side is a choice', async ({ page, stage }) => {
  await stage.play('idle', '#/storage');
  await page
    .locator('.area-folder', { hasText: 'Photos' })
    .first()
    .click({ position: { x: 20, y: 8 } });
  await expect(page).toHaveURL(/path=Photos&side=here$/u);
  await page.getByRole('radio', { name: 'On the server' }).click();
  await expect(page).toHaveURL(/path=Photos&side=server$/u);
});
