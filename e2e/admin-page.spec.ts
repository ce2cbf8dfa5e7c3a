import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { findFreePort } from '../tools/command-line.ts';
import { findViolations } from './harness/pages.ts';
import { createWorld, settle, type Device, type World } from './harness/world.ts';

interface Overview {
  calls: { failed: number }[];
  storage: { lostBlocks: number; isNearlyFull: boolean };
  jobs: { name: string; hasFailed: boolean }[];
  isOneOfMany: boolean;
}

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
  await startServer();
  token = readFileSync(tokenFile, 'utf8').trim();
  expect(statSync(tokenFile).mode & 0o077).toBe(0);
  laptop = await world.addDevice('Laptop');
  await laptop.start();
  writeFileSync(join(laptop.folder, 'kept.bin'), randomBytes(60_000));
  await settle([laptop]);
});

/** The tokens' file stands in the folder. */
function startServer(): Promise<void> {
  return world.startServer({
    ONEFOLD_SERVER_ADMIN_LISTEN: new URL(address).host,
    ONEFOLD_SERVER_ADMIN_TOKEN_FILE: join(folder, 'token'),
  });
}

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

function figure(page: Page, name: string): Locator {
  return page
    .locator('dl > div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('dd');
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

test('nothing from elsewhere runs on the page, no other page shows it, and none of another origin asks in its name', async ({
  page,
}) => {
  const refused: string[] = [];
  page.on('console', (message) => refused.push(message.text()));
  await signIn(page);
  const answer = await page.request.get(address);
  expect(answer.headers()['content-security-policy']).toContain("default-src 'none'");
  await page.evaluate(() => {
    const inline = document.createElement('script');
    inline.textContent = 'document.title = "planted"';
    document.body.append(inline);
    const image = document.createElement('img');
    image.src = 'http://127.0.0.1:9/seen';
    document.body.append(image);
  });
  await expect.poll(() => refused.filter((line) => line.includes('Content Security Policy')).length).toBeGreaterThan(1);
  await expect(page).toHaveTitle('Onefold server');
  // The server's own address is another origin: a page there learns nothing here, signed in or not.
  await page.goto(`${world.serverUrl}/healthz`);
  const asked = await page.evaluate(
    async ({ url, bearer }) => {
      const outcomes: string[] = [];
      for (const init of [{}, { headers: { authorization: `Bearer ${bearer}` } }] as RequestInit[])
        outcomes.push(
          await fetch(`${url}api/overview`, init).then(
            () => 'answered',
            () => 'kept away',
          ),
        );
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
      await new Promise((resolve) => (frame.onload = resolve));
      return [...outcomes, frame.contentDocument === null ? 'closed' : 'open'];
    },
    { url: address, bearer: token },
  );
  expect(asked).toEqual(['kept away', 'kept away', 'closed']);
  expect(refused.some((line) => /frame-ancestors|frame/i.test(line))).toBe(true);
});

test('by keyboard alone, and in the dark: sign in, set a quota, run a job', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(address);
  await page.keyboard.press('Tab');
  await page.keyboard.type(token);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Users' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await findViolations(page)).toEqual([]);
  const user = page.getByRole('row').filter({ hasText: 'owner@onefold.example' });
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Quota of owner@onefold.example in GiB')).toBeFocused();
  await page.keyboard.type('2');
  await page.keyboard.press('Enter');
  await expect(user.getByRole('cell').nth(3)).toHaveText('2.0 GiB');
  await page.getByLabel('Quota of owner@onefold.example in GiB').fill('1e30');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toHaveText('The server could not do that (400)');
  await page.getByLabel('Quota of owner@onefold.example in GiB').fill('');
  await page.keyboard.press('Enter');
  await expect(user.getByRole('cell').nth(3)).toHaveText('none');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
});

/** The page as it is, but for what the test plants in the answer. */
async function plant(page: Page, change: (overview: Overview) => void): Promise<void> {
  await page.route('**/api/overview', async (route) => {
    const overview = (await (await route.fetch()).json()) as Overview;
    change(overview);
    await route.fulfill({ json: overview });
  });
}

test('everything that is amiss is told, and nothing is well meanwhile', async ({ page }) => {
  await signIn(page);
  await expect(page.getByRole('status')).toHaveText('All is well');
  await plant(page, ({ jobs, storage, calls }) => {
    for (const job of jobs.filter(({ name }) => name === 'collection')) job.hasFailed = true;
    storage.isNearlyFull = true;
    storage.lostBlocks = 1;
    for (const minute of calls.slice(-1)) minute.failed = 1;
  });
  await expect(page.getByRole('status')).toHaveText(
    '1 damaged block. The disk is nearly full. 1 failed call in the last hour. Background work failed: collection',
  );
});

test('a node of many says what is its own alone; a server by itself does not', async ({ page }) => {
  await signIn(page);
  const note = page.getByText('This is one of many nodes.');
  await expect(note).toBeHidden();
  await plant(page, (overview) => (overview.isOneOfMany = true));
  await expect(note).toBeVisible();
});

test('on a narrow screen nothing is cut off', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await signIn(page);
  await expect(page.getByRole('button', { name: 'Run now: collection' })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
});

test('users, storage, connections, calls and jobs are shown as they are', async ({ page }) => {
  await signIn(page);
  await expect(page.getByRole('status')).toHaveText('All is well');
  const user = page.getByRole('row').filter({ hasText: 'owner@onefold.example' });
  await expect(user.getByRole('cell').nth(1)).toHaveText('1');
  await expect(user.getByRole('cell').nth(3)).toHaveText('none');
  await expect(figure(page, 'Users')).toHaveText('1');
  await expect(figure(page, 'Online devices')).toHaveText('1');
  await expect(figure(page, 'Open sockets and polls')).toHaveText('1');
  await expect(figure(page, 'Damaged blocks')).toHaveText('0');
  await expect(figure(page, 'Failed of them')).toHaveText('0');
  expect(Number(await figure(page, 'Blocks').textContent())).toBeGreaterThan(0);
  const packs = readdirSync(join(world.serverData, 'packs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pack'))
    .map((name) => statSync(join(world.serverData, 'packs', name)).size);
  // Some 60 KiB, not compressible.
  const stored = `${(packs.reduce((sum, size) => sum + size, 0) / 1024).toFixed(1)} KiB`;
  await expect(figure(page, 'Packs')).toHaveText(String(packs.length));
  await expect(figure(page, 'Stored')).toHaveText(stored);
  await expect(user.getByRole('cell').nth(2)).toHaveText(stored);
  expect(await page.locator('#calls rect.answered').count()).toBe(60);
  await page.getByRole('button', { name: 'Run now: collection' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'collection' }).getByRole('cell').nth(3)).toHaveText('done');
  expect(await findViolations(page)).toEqual([]);
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

test('calls that the server really failed to answer are told as such, beside all of them', async ({
  page,
  request,
}) => {
  await laptop.stop();
  await signIn(page);
  await expect(figure(page, 'Open sockets and polls')).toHaveText('0');
  const before = Number(await figure(page, 'Calls, last hour').textContent());
  const database = new DatabaseSync(join(world.serverData, 'metadata.db'));
  const ask = async (): Promise<number> =>
    (await request.get(`${world.serverUrl}/v1/namespaces`, { headers: { authorization: 'Bearer any' } })).status();
  try {
    database.exec('alter table session rename to planted');
    for (let calls = 0; calls < 3; calls++) expect(await ask()).toBe(503);
  } finally {
    database.exec('alter table planted rename to session');
    database.close();
  }
  for (let calls = 0; calls < 2; calls++) expect(await ask()).toBe(401);
  await expect(page.getByRole('status')).toHaveText('3 failed calls in the last hour');
  await expect(figure(page, 'Calls, last hour')).toHaveText(String(before + 5));
  await expect(figure(page, 'Failed of them')).toHaveText(`3 (${((3 / (before + 5)) * 100).toPrecision(2)} %)`);
  const drawn = page.locator('#calls rect.failed').last();
  await expect.poll(async () => Number(await drawn.getAttribute('height'))).toBeGreaterThan(0);
  await expect(page.getByText(/The tallest stands for \d+\./)).toBeVisible();
  expect((await request.get(`${world.serverUrl}/metrics`)).status()).toBe(404);
});

// Last: it leaves the server with another token.
test('another token ends what is open, and who guesses at it is held back', async ({ page, request }) => {
  await signIn(page);
  await world.stopServer();
  await expect(page.getByRole('status')).toHaveText('The server does not answer');
  writeFileSync(join(folder, 'token'), 'another-token-of-enough-letters\n');
  await startServer();
  await expect(page.getByRole('status')).toHaveText('Not signed in');
  await expect(page.getByLabel('Admin token')).toBeVisible();
  expect(await page.content()).not.toContain('owner@onefold.example');
  await page.reload();
  await expect(page.getByRole('status')).toHaveText('Not signed in');
  const guesses = await Promise.all(
    Array.from({ length: 30 }, () =>
      request.get(`${address}api/overview`, { headers: { authorization: `Bearer ${token}` } }),
    ),
  );
  expect(guesses.map((answer) => answer.status())).toContain(429);
  await page.route('**/api/overview', (route) => route.fulfill({ status: 429, json: { code: 'too-many-requests' } }));
  await page.getByLabel('Admin token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('status')).toHaveText('Too many wrong tokens: wait a minute');
});
