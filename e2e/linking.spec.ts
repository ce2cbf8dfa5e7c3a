import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { run, runOk } from '../tools/command-line.ts';
import { createWorld, type Device, type World } from './harness/world.ts';

let world: World;
let laptop: Device;

test.beforeAll(async () => {
  world = await createWorld();
  await world.startServer();
  laptop = await world.addDevice('Laptop');
  await laptop.start();
});

test.afterAll(() => world.close());

test('words on the page of one device let another one in, once it shows the same check words', async ({ page }) => {
  await page.goto((await runOk('onefold', ['ui', '--home', laptop.home])).trim());
  await page.getByRole('link', { name: 'Devices' }).click();
  await page.getByRole('button', { name: 'Link a device' }).click();
  const dialog = page.getByRole('dialog');
  const shown = dialog.getByRole('list', { name: 'Eight words' }).getByRole('listitem');
  await expect(shown).toHaveCount(8);
  const words = await shown.allTextContents();
  const wordsFile = join(world.folder, 'words.txt');
  writeFileSync(wordsFile, `${words.join(' ')}\n`);
  const home = join(world.folder, 'homes', 'Tablet');
  const args = ['link', '--server', world.serverUrl, '--words-file', wordsFile, '--device-name', 'Tablet'];
  const linking = run('onefold', [...args, '--home', home]);
  const compared = dialog.getByRole('list', { name: 'Check words' }).getByRole('listitem');
  await expect(compared).toHaveCount(4);
  const checkWords = await compared.allTextContents();
  await dialog.getByRole('button', { name: 'They match, let it in' }).click();
  await expect(dialog.getByText('Tablet is in your account.')).toBeVisible();
  const { code, stdout } = await linking;
  expect([code, stdout]).toEqual([0, expect.stringContaining(`Check words: ${checkWords.join(' ')}`)]);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByRole('list', { name: 'Devices' })).toContainText('Tablet');
  expect(await runOk('onefold', ['devices', '--home', laptop.home])).not.toContain('not verified');
});
