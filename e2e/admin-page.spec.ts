import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { findFreePort } from '../tools/command-line.ts';
import { createWorld, settle, type Device, type World } from './harness/world.ts';

let world: World;
let laptop: Device;
let folder: string;
let address: string;
let token: string;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-admin-'));
  const tokenFile = join(folder, 'token');
  address = `http://127.0.0.1:${await findFreePort()}/`;
  world = await createWorld();
  await world.startServer({
    ONEFOLD_SERVER_ADMIN_LISTEN: new URL(address).host,
    ONEFOLD_SERVER_ADMIN_TOKEN_FILE: tokenFile,
  });
  token = readFileSync(tokenFile, 'utf8').trim();
  expect(statSync(tokenFile).mode & 0o077).toBe(0);
  laptop = await world.addDevice('Laptop');
  await laptop.start();
  writeFileSync(join(laptop.folder, 'kept.txt'), 'words '.repeat(1_000));
  await settle([laptop]);
});

test.afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

async function signIn(page: Page): Promise<void> {
  await page.goto(address);
  await page.getByLabel('Admin token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Users' })).toBeVisible();
}

test('the page shows nothing without its token, and neither do its calls', async ({ page, request }) => {
  await page.goto(address);
  await page.getByLabel('Admin token').fill('not the right token');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('That is not the token.');
  await expect(page.getByRole('heading', { name: 'Users' })).toBeHidden();
  for (const path of ['api/overview', 'metrics', 'api/quota', '../metadata.db'])
    expect([401, 404]).toContain((await request.get(address + path)).status());
});

test('users, storage, connections, calls and jobs are shown as they are', async ({ page }) => {
  await signIn(page);
  await expect(page.getByRole('status')).toHaveText('All is well');
  const user = page.getByRole('row').filter({ hasText: 'owner@onefold.example' });
  await expect(user.getByRole('cell').nth(1)).toHaveText('1');
  await expect(user.getByRole('cell').nth(3)).toHaveText('none');
  const figure = (name: string) =>
    page
      .locator('dl > div')
      .filter({ has: page.getByText(name, { exact: true }) })
      .locator('dd');
  await expect(figure('Users')).toHaveText('1');
  await expect(figure('Online devices')).toHaveText('1');
  await expect(figure('Damaged blocks')).toHaveText('0');
  expect(Number(await figure('Blocks').textContent())).toBeGreaterThan(0);
  expect(await page.locator('#calls rect.answered').count()).toBe(60);
  await page.getByRole('button', { name: 'Run now: collection' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'collection' }).getByRole('cell').nth(3)).toHaveText('done');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
});

test('a quota set on the page holds, and is lifted again', async ({ page }) => {
  await signIn(page);
  const user = page.getByRole('row').filter({ hasText: 'owner@onefold.example' });
  const quota = page.getByLabel('Quota of owner@onefold.example in GiB');
  await quota.fill('0.000001');
  await user.getByRole('button', { name: 'Set' }).click();
  await expect(user.getByRole('cell').nth(3)).toHaveText('1.0 KiB');
  writeFileSync(join(laptop.folder, 'too much.bin'), randomBytes(20_000));
  await expect.poll(async () => JSON.stringify(await laptop.status())).toContain('quota-exceeded');
  await quota.fill('');
  await user.getByRole('button', { name: 'Set' }).click();
  await expect(user.getByRole('cell').nth(3)).toHaveText('none');
});

test('metrics are told to whoever has the token, and name nobody', async ({ request }) => {
  const answer = await request.get(`${address}metrics`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  expect(text).toContain('onefold_http_requests_total');
  expect(text).not.toContain('owner@');
  expect(text).not.toMatch(/[0-9a-f]{32}/);
});
