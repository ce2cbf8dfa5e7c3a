import { expect, type Page } from '@playwright/test';

export const PASSWORD = 'a quiet winter evening';

export interface MadeAccount {
  readonly secretKey: string;
  readonly phrase: readonly string[];
  /** As typed off the sheet. */
  readonly kitText: string;
}

/** Makes an account in the page of a device that has none, and saves its kit. `chooseServer` fills in where. Ends before the folder is chosen. */
export async function makeAccount(
  page: Page,
  options: {
    readonly email: string;
    readonly deviceName: string;
    readonly kitFile: string | null;
    readonly chooseServer: () => Promise<void>;
  },
): Promise<MadeAccount> {
  await page.getByRole('button', { name: 'Create an account' }).click();
  await options.chooseServer();
  await page.getByLabel('E-mail address').fill(options.email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Password once more').fill(PASSWORD);
  await page.getByLabel('Name of this device').fill(options.deviceName);
  await page.getByRole('button', { name: 'Continue' }).click();
  const kit = page.getByRole('region', { name: 'Onefold Emergency Kit' });
  const secretKey = await kit.locator('.sheet-key').innerText();
  // A browser that was started by someone else, as the app's, keeps what it downloads.
  if (options.kitFile !== null) {
    const saved = page.waitForEvent('download');
    await kit.getByRole('button', { name: 'Save the kit as a file' }).click();
    await (await saved).saveAs(options.kitFile);
  }
  const facts = await kit.locator('dd').allInnerTexts();
  const phrase = await page.getByRole('list', { name: '24 words' }).getByRole('listitem').allTextContents();
  expect(phrase).toHaveLength(24);
  const label = await page.getByText(/Word \d+ of the recovery phrase/u).innerText();
  const word = Number(/\d+/u.exec(label)?.[0]);
  await page.getByLabel('The last five characters').fill(secretKey.slice(-5));
  await page.getByLabel(`Word ${word} of`).fill(phrase[word - 1] ?? '');
  await page.getByRole('button', { name: 'It is saved, go on' }).click();
  const [server = '', email = '', account = ''] = facts;
  const text = `Server: ${server}\nE-mail: ${email}\nAccount: ${account}\nSecret Key: ${secretKey}\n`;
  return { secretKey, phrase, kitText: text };
}

export async function chooseFolder(page: Page, folder: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Choose the folder');
  await page.getByLabel('Folder on this device').fill(folder);
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
}
