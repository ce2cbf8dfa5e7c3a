import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { runOk } from '../tools/command-line.ts';
import { expectAccessible, openPage } from './harness/pages.ts';
import { createWorld, settle, type Device, type World } from './harness/world.ts';

let world: World;
let laptop: Device;

test.beforeAll(async () => {
  world = await createWorld();
  await world.startServer();
  laptop = await world.addDevice('Laptop');
  await laptop.start();
  mkdirSync(join(laptop.folder, 'Thesis', 'Chapter 1'), { recursive: true });
  writeFileSync(join(laptop.folder, 'Thesis', 'Chapter 1', 'Résumé final.txt'), 'a draft');
  writeFileSync(join(laptop.folder, 'Thesis', 'data.csv'), 'x'.repeat(50_000));
  await settle([laptop]);
});

test.afterAll(() => world.close());

const open = (page: Page): Promise<void> => openPage(page, laptop);

test('a name is found however it is written, in the page and on the command line, and shown where it stands', async ({
  page,
}) => {
  await open(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('FINAL resume');
  const hit = page.getByRole('list', { name: 'What was found' }).getByRole('listitem');
  await expect(hit).toHaveCount(1);
  await expectAccessible(page);
  await hit.getByRole('link', { name: /^Résumé/u }).click();
  await expect(page.getByRole('treeitem', { name: /Résumé final/u })).toHaveAttribute('aria-selected', 'true');
  const told = await runOk('onefold', ['search', 'final', 'RESUME', '--json', '--home', laptop.home]);
  expect(JSON.parse(told)).toMatchObject({ found: [{ path: 'Thesis/Chapter 1/Résumé final.txt', isDeleted: false }] });
});

test('what takes the space is told by folder and kind, here and on the server, and on the command line', async ({
  page,
}) => {
  await open(page);
  await page.getByRole('link', { name: 'Storage' }).click();
  await page.getByRole('table', { name: 'By folder' }).getByRole('link', { name: 'Thesis' }).click();
  await expect(page.getByRole('rowheader', { name: 'data.csv' })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('radio', { name: 'On the server' }).click();
  await expect(page.getByRole('row', { name: /^data\.csv/u })).toContainText('50 kB');
  await expect(page.getByText('with old versions')).toBeVisible();
  const thesis = join(laptop.folder, 'Thesis');
  const told = await runOk('onefold', ['storage', thesis, '--server', '--json', '--home', laptop.home]);
  const map = JSON.parse(told) as {
    parts: { name: string; sizeBytes: number; count: number }[];
    kinds: unknown;
  };
  expect(map.parts.map(({ name, sizeBytes, count }) => [name, sizeBytes, count])).toEqual([
    ['Thesis', 50_007, 2],
    ['data.csv', 50_000, 1],
    ['', 7, 1],
  ]);
  expect(map.kinds).toEqual([{ kind: 'documents', sizeBytes: 50_007, count: 2 }]);
});

test('a folder goes back to a moment with what was deleted and changed since, and that is taken back', async ({
  page,
}) => {
  const thesis = join(laptop.folder, 'Thesis');
  const data = join(thesis, 'data.csv');
  const before = new Date().toISOString();
  writeFileSync(data, 'changed');
  rmSync(join(thesis, 'Chapter 1'), { recursive: true });
  writeFileSync(join(thesis, 'later.txt'), 'new');
  await settle([laptop]);
  await open(page);
  await page.getByRole('link', { name: 'Files' }).click();
  await page.getByRole('treeitem', { name: 'Thesis' }).hover();
  await page.getByRole('link', { name: 'Thesis as it was' }).click();
  await page.getByRole('button', { name: 'An hour ago' }).click();
  await expect(page.getByText('There was nothing yet.')).toBeVisible();
  await page.goto(`${page.url().replace(/&at=.*/u, '')}&at=${Date.parse(before)}`);
  await expect(page.getByText('1 comes back · 1 changes back · 1 goes into the trash')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Go back', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Go back', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  expect(readFileSync(join(thesis, 'Chapter 1', 'Résumé final.txt'), 'utf8')).toBe('a draft');
  expect(readFileSync(data, 'utf8')).toBe('x'.repeat(50_000));
  expect(existsSync(join(thesis, 'later.txt'))).toBe(false);
  await settle([laptop]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => readFileSync(data, 'utf8')).toBe('changed');
  await expect.poll(() => existsSync(join(thesis, 'later.txt'))).toBe(true);
  expect(existsSync(join(thesis, 'Chapter 1', 'Résumé final.txt'))).toBe(false);
  await settle([laptop]);
  const told = await runOk('onefold', ['past', 'show', thesis, '--at', before, '--json', '--home', laptop.home]);
  expect(JSON.parse(told)).toMatchObject({ counts: { addedBack: 1, changedBack: 1, removed: 1 } });
});

test('diagnostics tell how the device stands, and neither names nor addresses', async ({ page }) => {
  await open(page);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('tab', { name: 'Diagnostics' }).click();
  const shown = page.getByRole('region', { name: 'What would be handed over' });
  await expect(shown).toContainText('"state": "idle"');
  await expectAccessible(page);
  const text = await shown.innerText();
  for (const secret of ['Thesis', 'Résumé', world.serverUrl, 'owner@onefold.example', laptop.folder, laptop.home])
    expect(text).not.toContain(secret);
  const file = join(world.folder, 'diagnostics.txt');
  await runOk('onefold', ['diagnostics', '--to', file, '--home', laptop.home]);
  expect(readFileSync(file, 'utf8')).toContain('"checks"');
});

test('name and picture that were set on the command line stand in the page', async ({ page }) => {
  const picture = join(world.folder, 'ada.png');
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
  writeFileSync(picture, Buffer.from(pixel, 'base64'));
  await runOk('onefold', ['profile', 'set', '--name', 'Ada', '--picture', picture, '--home', laptop.home]);
  await runOk('onefold', ['profile', 'set', '--name', 'Ada Lovelace', '--home', laptop.home]);
  const told = await runOk('onefold', ['profile', '--json', '--home', laptop.home]);
  expect(JSON.parse(told)).toEqual({ profile: { name: 'Ada Lovelace', picture: `data:image/png;base64,${pixel}` } });
  await open(page);
  await page.getByRole('link', { name: 'Account' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Ada Lovelace');
  await runOk('onefold', ['profile', 'set', '--no-picture', '--home', laptop.home]);
  expect(await runOk('onefold', ['profile', '--home', laptop.home])).toContain('picture  (none)');
});
