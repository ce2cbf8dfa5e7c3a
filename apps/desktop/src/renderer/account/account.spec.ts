import { expect } from '@playwright/test';
import { expectAccessible, expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

test('the account and the ways from it, dark and light: hide nothing from anyone', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 800, height: 900 });
  await stage.play('attention', '#/account');
  await expect(page.getByText('5f0c9a3e71d24b86a0e1c45d7732b98f')).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await page.getByRole('button', { name: 'Sign out of this device' }).click();
  await expect(page.getByRole('dialog')).toContainText('3 changes here are not yet safe.');
  await expectAccessibleInBothThemes(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expectAccessibleInBothThemes(page);
  await page.getByLabel('Password', { exact: true }).fill('an early spring morning');
  await page.getByLabel('Password once more').fill('an early spring morning');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('region', { name: 'Onefold Emergency Kit' })).toBeVisible();
  await expectAccessibleInBothThemes(page);
});

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

test('a name and a picture are saved, and taken back', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/account');
  await page.getByLabel('Name', { exact: true }).fill('Ana K.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.').first()).toBeVisible();
  const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';
  const choose = page.getByLabel('Choose a picture');
  await choose.setInputFiles({ name: 'notes.txt', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await expect(page.getByRole('alert').filter({ hasText: 'no picture that can be shown' })).toBeVisible();
  await choose.setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') });
  await expect(page.locator('.profile-picture img')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Remove the picture' }).click();
  await expect(page.locator('.profile-picture img')).toBeHidden();
  const told = daemon.asked.map(([, args]) => args as { name: string; picture: string | null });
  expect(told.map(({ name, picture }) => [name, picture?.slice(0, 23) ?? null])).toEqual([
    ['Ana K.', null],
    ['Ana K.', 'data:image/jpeg;base64,'],
    ['Ana K.', null],
  ]);
});

test('what another device made of the profile meanwhile is not undone by a name', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/account');
  await page.getByLabel('Name', { exact: true }).fill('Ana K.');
  const picture = 'data:image/png;base64,iVBORw0KGgo=';
  daemon.setProfileElsewhere({ name: 'Ana', picture });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.').first()).toBeVisible();
  expect(daemon.asked.map(([, args]) => args)).toEqual([{ name: 'Ana K.', picture }]);
  await expect(page.locator('.profile-picture img')).toBeVisible();

  daemon.setProfileElsewhere({ name: 'Ana Maria', picture });
  await page.getByRole('button', { name: 'Remove the picture' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Ana Maria');
  expect(daemon.asked.map(([, args]) => args).at(-1)).toEqual({ name: 'Ana Maria', picture: null });
});

test('signing out takes the page back to its beginning', async ({ page, stage }) => {
  await stage.play('idle', '#/account');
  await page.getByRole('button', { name: 'Sign out of this device' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('One folder, the same on every machine.');
  await expect(page.getByRole('navigation')).toBeHidden();
});

test('deleting the account, dark and light: says what stays, and needs key, password and address', async ({
  page,
  stage,
}) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 800, height: 900 });
  const daemon = await stage.play('idle', '#/account');
  await page.getByRole('button', { name: 'Delete the account' }).click();
  await expect(page.getByText('Every file in the folders of your devices stays where it is.')).toBeVisible();
  await expectAccessibleInBothThemes(page);
  const last = page.getByRole('button', { name: 'Delete for good' });
  await page.getByLabel('Secret Key').fill('OF1-7K2MD-09QXA-4VTR8-HN6WC-3EJ5P-BZ1G0');
  await page.getByLabel('Password').fill('wrong');
  await page.getByLabel('Your e-mail address').fill('somebody@example.org');
  await expect(last).toBeDisabled();
  await page.getByLabel('Your e-mail address').fill('Ana@example.org');
  await last.click();
  await expect(page.getByRole('alert').filter({ hasText: 'do not fit together' })).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await page.getByLabel('Password').fill('a quiet winter evening');
  await last.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('One folder, the same on every machine.');
  await expect(page.getByText('The account is deleted. Your files are where they were.').first()).toBeVisible();
  expect(daemon.asked.map(([call]) => call)).toEqual(['deleteAccount', 'deleteAccount']);
  const asked = daemon.asked[1]?.[1] as { kit: string; email: string };
  expect(asked.email).toBe('Ana@example.org');
  expect(asked.kit).toContain('Account: 5f0c9a3e71d24b86a0e1c45d7732b98f');
});

test('a server with another address is found again, but only where the account is', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/account');
  await page.getByRole('button', { name: 'It has another address…' }).click();
  const dialog = page.getByRole('dialog');
  const address = dialog.getByLabel('New address of the server');
  await expect(address).toHaveValue('https://files.example.org');
  await address.fill('files.example.net');
  await expect(dialog.getByRole('button', { name: 'Use this address' })).toBeDisabled();
  await address.fill('http://stranger.example.net');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert').filter({ hasText: 'your account is not on it' })).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await address.fill('http://192.168.1.31:7440');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByText('This device finds the server there from now on.').first()).toBeVisible();
  await expect(page.getByRole('definition').filter({ hasText: '192.168.1.31' })).toBeVisible();
  expect(daemon.asked.map(([name]) => name)).toEqual(['moveServer', 'moveServer']);
});
