import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { runOk } from '../tools/command-line.ts';
import { expectAccessible, openPage } from './harness/pages.ts';
import { createWorldOfTwo, settle, type Device, type World } from './harness/world.ts';

const DRAFT = 'Dear Jin,\nthe flat is free from May on.\nAna\n';
const LAPTOPS = DRAFT.replace('May', 'June');
const DESKTOPS = DRAFT.replace('Ana', 'Ana and Jo');

let world: World;
let laptop: Device;
let desktop: Device;

test.beforeAll(async () => {
  ({ world, laptop, desktop } = await createWorldOfTwo());
});

test.afterAll(() => world.close());

const read = (device: Device, name: string): string => readFileSync(join(device.folder, name), 'utf8');
const write = (device: Device, name: string, text: string): void => writeFileSync(join(device.folder, name), text);
const inSight = (device: Device): string[] => readdirSync(device.folder).filter((name) => !name.startsWith('.'));

test('a conflict is seen on both devices, decided on one, and the decision taken back', async ({ page, context }) => {
  write(laptop, 'Letter.md', DRAFT);
  await settle([laptop, desktop]);
  await runOk('onefold', ['pause', '--home', desktop.home]);
  write(desktop, 'Letter.md', DESKTOPS);
  write(laptop, 'Letter.md', LAPTOPS);
  expect((await laptop.syncWait()).code).toBe(0);
  await runOk('onefold', ['resume', '--home', desktop.home]);
  await expect.poll(() => inSight(laptop).length).toBe(2);
  await expect.poll(() => inSight(desktop).length).toBe(2);
  const copy = inSight(laptop).find((name) => name.includes('(conflict'))!;

  const other = await context.newPage();
  await openPage(other, desktop, 'Conflicts');
  await openPage(page, laptop, 'Conflicts');
  const decide = 'Compare and decide: Letter.md';
  await expect(other.getByRole('button', { name: decide })).toBeAttached();
  await page.getByRole('button', { name: decide }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('region', { name: 'Under its name', exact: true })).toContainText('Laptop');
  await expect(dialog.getByRole('region', { name: 'The copy', exact: true })).toContainText('Desktop');
  await expect(dialog.getByRole('row').filter({ hasText: 'June' })).toContainText('May');
  await expectAccessible(page);

  await dialog.getByRole('button', { name: 'Keep this one: Desktop' }).click();
  await expect.poll(() => inSight(desktop)).toEqual(['Letter.md']);
  await expect.poll(() => read(desktop, 'Letter.md')).toBe(DESKTOPS);
  expect([inSight(laptop), read(laptop, 'Letter.md')]).toEqual([['Letter.md'], DESKTOPS]);
  await expect(other.getByText('No conflicts.')).toBeVisible();

  await page.getByRole('button', { name: 'Undo' }).click();
  for (const device of [laptop, desktop]) {
    await expect.poll(() => inSight(device).sort()).toEqual([copy, 'Letter.md'].sort());
    await expect.poll(() => [read(device, 'Letter.md'), read(device, copy)]).toEqual([LAPTOPS, DESKTOPS]);
  }

  await expect(other.getByRole('button', { name: decide })).toBeAttached();
  await runOk('onefold', ['conflicts', 'keep', join(laptop.folder, copy), 'original', '--home', laptop.home]);
  await expect.poll(() => inSight(desktop)).toEqual(['Letter.md']);
  expect(await runOk('onefold', ['conflicts', '--home', laptop.home])).toBe('No conflicts.\n');
});

test('a version is looked at, compared and restored on one device, and is there on the other', async ({
  page,
  context,
}) => {
  for (const [device, text] of [
    [laptop, DRAFT],
    [desktop, LAPTOPS],
  ] as const) {
    write(device, 'Plan.md', text);
    await settle([laptop, desktop]);
  }
  await openPage(page, desktop, 'Files');
  await page.getByRole('treeitem', { name: 'Plan.md' }).hover();
  await page.getByRole('link', { name: 'Versions of Plan.md' }).click();
  const rows = page.getByRole('list', { name: 'Versions' }).getByRole('listitem');
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(0)).toContainText('Edited on Desktop');
  await expect(rows.nth(1)).toContainText('Added on Laptop');
  await rows
    .nth(1)
    .getByRole('button', { name: /^Look at/u })
    .click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('region')).toContainText('from May on');
  await dialog.getByRole('radio', { name: 'Against now' }).click();
  await expect(dialog.locator('del')).toHaveText('May');
  await expect(dialog.locator('ins')).toHaveText('June');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: /^Restore the version/u }).click();
  await expect.poll(() => read(laptop, 'Plan.md')).toBe(DRAFT);
  await expect(rows).toHaveCount(3);

  const other = await context.newPage();
  await openPage(other, laptop, 'Files');
  await other.getByRole('treeitem', { name: 'Plan.md' }).hover();
  await other.getByRole('link', { name: 'Versions of Plan.md' }).click();
  await expect(other.getByRole('list', { name: 'Versions' }).getByRole('listitem').first()).toContainText(
    'Brought back on Desktop',
  );
  const file = join(laptop.folder, 'Plan.md');
  const lines = (await runOk('onefold', ['versions', file, '--home', laptop.home])).trim().split('\n');
  expect(lines[0]).toContain('restored on Desktop  (current)');
  const patch = await runOk('onefold', ['diff', file, '--version', '2', '--home', laptop.home]);
  expect(patch).toContain('-the flat is free from June on.\n+the flat is free from May on.\n');
  expect(await runOk('onefold', ['show', file, '--version', '2', '--home', laptop.home])).toBe(LAPTOPS);
});

test('what is deleted on one device is found in the trash of the other and brought back, several at once', async ({
  page,
}) => {
  for (const name of ['one.txt', 'two.txt', 'three.txt']) write(laptop, name, name);
  await settle([laptop, desktop]);
  for (const name of ['one.txt', 'two.txt', 'three.txt']) rmSync(join(laptop.folder, name));
  await expect.poll(() => existsSync(join(desktop.folder, 'three.txt'))).toBe(false);
  await openPage(page, desktop, 'Trash');
  await page.getByRole('searchbox').fill('.txt');
  const here = page.getByRole('listitem').filter({ hasText: 'in the trash on this device' });
  await expect(here).toHaveCount(3);
  for (const name of ['one.txt', 'two.txt']) await here.getByRole('checkbox', { name: `Select ${name}` }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Restore 2', exact: true }).click();
  await expect.poll(() => existsSync(join(laptop.folder, 'one.txt')) && read(laptop, 'one.txt')).toBe('one.txt');
  await expect.poll(() => existsSync(join(laptop.folder, 'two.txt')) && read(laptop, 'two.txt')).toBe('two.txt');
  expect(existsSync(join(laptop.folder, 'three.txt'))).toBe(false);
  const listed = await runOk('onefold', ['trash', 'list', '--text', 'three', '--home', desktop.home]);
  expect(listed).toContain('three.txt');
  expect(listed).not.toContain('one.txt');
});
