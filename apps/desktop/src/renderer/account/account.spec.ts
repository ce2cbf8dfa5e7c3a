import { expect } from '@playwright/test';
import { expectAccessible, test } from '../fixtures/stage.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the account and the ways from it, ${colorScheme}: hide nothing from anyone`, async ({ page, stage }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 800, height: 900 });
    await stage.play('attention', '#/account');
    await expect(page.getByText('5f0c9a3e71d24b86a0e1c45d7732b98f')).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Sign out of this device' }).click();
    await expect(page.getByRole('dialog')).toContainText('3 changes here are not yet safe.');
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expectAccessible(page);
    await page.getByLabel('Password', { exact: true }).fill('an early spring morning');
    await page.getByLabel('Password once more').fill('an early spring morning');
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByRole('region', { name: 'Onefold Emergency Kit' })).toBeVisible();
    await expectAccessible(page);
  });
}

test('a password is changed only when the new kit is saved, and thought better of without a trace', async ({
  page,
  stage,
}) => {
  const daemon = await stage.play('idle', '#/account');
  for (const isKept of [false, true]) {
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByLabel('Password', { exact: true }).fill('an early spring morning');
    await page.getByLabel('Password once more').fill('an early spring morning');
    await page.keyboard.press('Enter');
    await page.getByLabel('The last five characters').fill('BZ1G0');
    await page.getByRole('button', { name: isKept ? 'It is saved, go on' : 'Cancel' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Account');
  }
  await expect(page.getByText('The new password is in force.').first()).toBeVisible();
  expect(daemon.asked.map(([call]) => call)).toEqual(['changePassword', 'changePassword', 'keepNewKit']);
});

test('signing out takes the page back to its beginning', async ({ page, stage }) => {
  await stage.play('idle', '#/account');
  await page.getByRole('button', { name: 'Sign out of this device' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('One folder, the same on every machine.');
  await expect(page.getByRole('navigation')).toBeHidden();
});
