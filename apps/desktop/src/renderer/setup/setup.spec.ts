import { expect } from '@playwright/test';
import { OnefoldError } from '@onefold/control';
import { PLAYED_KIT } from '../fixtures/setup.ts';
import { expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

test('every step to an account, dark and light: hides nothing from anyone', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await stage.play('new');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('One folder, the same on every machine.');
  await expectAccessibleInBothThemes(page);
  for (const way of [
    'Create an account',
    'Use words from another device',
    'Sign in with the Emergency Kit',
    'Recover with the recovery phrase',
  ]) {
    await page.getByRole('button', { name: way }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(way);
    await expectAccessibleInBothThemes(page);
    await page.getByRole('button', { name: 'Back' }).click();
  }
  await page.setViewportSize({ width: 800, height: 900 });
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Server').fill('https://files.example.org');
  await page.getByLabel('E-mail address').fill('ana@example.org');
  await page.getByLabel('Password', { exact: true }).fill('a quiet winter evening');
  await page.getByLabel('Password once more').fill('a quiet winter evening');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('region', { name: 'Onefold recovery phrase' })).toBeVisible();
  await expectAccessibleInBothThemes(page);
});

test('an account is made by keyboard alone, and only once the sheets were read', async ({ page, stage }) => {
  const daemon = await stage.play('new');
  await page.getByRole('button', { name: 'Create an account' }).focus();
  await page.keyboard.press('Enter');
  const typed = ['https://files.example.org', 'ana@example.org', 'a quiet winter evening', 'a quiet winter evenin'];
  await expect(page.getByLabel('Server')).toBeFocused();
  for (const text of typed) {
    await page.keyboard.type(text);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await expect(page.getByText('The two are not the same.')).toBeVisible();
  expect(daemon.asked).toEqual([]);
  await page.getByLabel('Password once more').fill('a quiet winter evening');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Save your Emergency Kit');
  await page.getByLabel('The last five characters of the Secret Key').fill('BZ1G1');
  const label = await page.getByText(/Word \d+ of the recovery phrase/u).textContent();
  const word = Number(/\d+/u.exec(label ?? '')?.[0]);
  await page.getByLabel(`Word ${word} of`).fill(PLAYED_KIT.phrase.split(' ')[word - 1] ?? '');
  await page.keyboard.press('Enter');
  await expect(page.getByText('That is not what stands on the sheet.')).toBeVisible();
  expect(daemon.asked.map(([call]) => call)).toEqual(['createAccount']);
  await page.getByLabel('The last five characters of the Secret Key').fill('bzig0');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Choose the folder');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation')).toBeVisible();
  expect(daemon.asked.map(([call]) => call)).toEqual(['createAccount', 'keepKit', 'add']);
});

test('a kit’s file fills in what would have to be typed, and a wrong password says so', async ({ page, stage }) => {
  const daemon = await stage.play('new');
  await page.getByRole('button', { name: 'Sign in with the Emergency Kit' }).click();
  await page
    .getByLabel('Fill in from the kit’s file')
    .setInputFiles({ name: 'kit.txt', mimeType: 'text/plain', buffer: Buffer.from(PLAYED_KIT.text) });
  await expect(page.getByLabel('Secret Key')).toHaveValue(PLAYED_KIT.secretKey);
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'do not fit together' })).toBeVisible();
  await page.getByLabel('Password').fill('a quiet winter evening');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Choose the folder');
  expect(JSON.stringify(daemon.asked.at(-1))).toContain(PLAYED_KIT.account);
});

test('only the sheet that was asked for is printed, and nothing else of the page', async ({ page, stage }) => {
  await stage.play('new');
  await page.evaluate(() => (globalThis.print = () => undefined));
  await page.getByRole('button', { name: 'Create an account' }).click();
  for (const [label, text] of [
    ['Server', 'https://files.example.org'],
    ['E-mail address', 'ana@example.org'],
    ['Password once more', 'a quiet winter evening'],
  ] as const)
    await page.getByLabel(label).fill(text);
  await page.getByLabel('Password', { exact: true }).fill('a quiet winter evening');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Print the phrase' }).click();
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('region', { name: 'Onefold recovery phrase' })).toBeVisible();
  // Whoever has this sheet alone is asked for these as well.
  for (const needed of [PLAYED_KIT.server, PLAYED_KIT.email])
    await expect(page.getByRole('region', { name: 'Onefold recovery phrase' })).toContainText(needed);
  await expect(page.getByRole('region', { name: 'Onefold Emergency Kit' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'It is saved, go on' })).toBeHidden();
});

test('a server can be started on this computer, and a refusal is said where it was asked for', async ({
  page,
  stage,
}) => {
  const daemon = await stage.play('new');
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByRole('radio', { name: 'At one on this computer' }).click();
  await expect(page.getByLabel('Server')).toBeHidden();
  await page.getByLabel('E-mail address').fill('ana@example.org');
  await page.getByLabel('Password', { exact: true }).fill('a quiet winter evening');
  await page.getByLabel('Password once more').fill('a quiet winter evening');
  await expectAccessibleInBothThemes(page);
  daemon.refuseServer = new OnefoldError('invalid-argument', 'this computer is in no network');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'in no network' })).toBeVisible();
  daemon.refuseServer = null;
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Save your Emergency Kit');
  expect(daemon.asked.map(([call]) => call)).toEqual(['startServer', 'startServer', 'createAccount']);
  expect(daemon.asked.at(-1)?.[1]).toMatchObject({ server: 'http://192.168.1.20:7440' });
});

test('where the system does not give the keys out, one can begin anew', async ({ page, stage }) => {
  const daemon = await stage.play('locked');
  await page.getByRole('button', { name: 'Sign in anew' }).click();
  await expect(page.getByRole('button', { name: 'Sign in with the Emergency Kit' })).toBeVisible();
  expect(daemon.asked.map(([call]) => call)).toEqual(['signOut']);
});
