import { expect } from '@playwright/test';
import type { Page, Route } from '@playwright/test';
import { expectAccessible, test } from './fixtures/stage.ts';

const LOST = /Failed to load resource|Failed to fetch dynamically imported module/u;
const CANNOT = 'This screen cannot be shown';
const KOREAN_CANNOT = '이 화면을 표시할 수 없습니다';

/** Lets no code of a screen through until it is told to. */
async function withhold(
  page: Page,
  chunk: string,
  lost: (route: Route) => Promise<void>,
): Promise<() => Promise<void>> {
  const address = `**/assets/${chunk}-*.js`;
  await page.route(address, lost);
  return () => page.unroute(address, lost);
}

const abort = (route: Route): Promise<void> => route.abort();
const gone = (route: Route): Promise<void> => route.fulfill({ status: 404, body: '' });

/** The screen's own code behind a component that throws as long as the page's `torn` says so. */
async function tear(page: Page, chunk: string): Promise<void> {
  await page.addInitScript(() => Object.assign(globalThis, { torn: true }));
  await page.route(`**/assets/${chunk}-*.js`, async (route) => {
    const code = await (await route.fetch()).text();
    const [whole = '', own = '', name = ''] = /export\{(\w+) as (\w+)\};?/u.exec(code) ?? [];
    const torn = `function torn_(given){if(globalThis.torn)throw new Error('torn apart');return ${own}(given)}export{torn_ as ${name}};`;
    await route.fulfill({ contentType: 'text/javascript', body: code.replace(whole, torn) });
  });
}

for (const [how, lost] of [
  ['is cut off', abort],
  ['is not there any more', gone],
] as const)
  test(`a screen whose code ${how} says so, leaves the rest usable, and comes at the next try`, async ({
    page,
    stage,
  }) => {
    stage.mayComplain = LOST;
    const letThrough = await withhold(page, 'files-screen', lost);
    await stage.play('idle');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
    await page.getByRole('link', { name: 'Files' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(CANNOT);
    await expect(page).toHaveTitle(`${CANNOT} · Onefold`);
    await expect(page.getByRole('alert')).toContainText('did not arrive');
    await expect(page.getByRole('alert')).toContainText('Your files stay as they are');
    await expect(page.getByRole('main')).toBeFocused();
    await expectAccessible(page);
    // Still none: said again, and the keyboard is where it can go on.
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('alert')).toContainText('did not arrive');
    await expect(page.getByRole('main')).toBeFocused();
    await page.getByRole('link', { name: 'Trash' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Trash');
    await page.getByRole('link', { name: 'Files' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(CANNOT);
    await letThrough();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('button', { name: 'Try again' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Files');
    await expect(page.getByRole('main')).toBeFocused();
    await expect(page.getByRole('alert')).toHaveCount(0);
  });

test('whoever goes elsewhere and comes back is not shown an old failure', async ({ page, stage }) => {
  stage.mayComplain = LOST;
  const letThrough = await withhold(page, 'versions-screen', abort);
  await stage.play('idle', '#/versions?folder=%2Fhome%2Fana%2FOnefold&path=a.txt');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(CANNOT);
  await letThrough();
  await page.goto(`${new URL(page.url()).origin}/#/versions?folder=%2Fhome%2Fana%2FOnefold&path=Letter+to+Jin.md`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Letter to Jin.md');
});

test('a screen that cannot be drawn says so in plain words, and is drawn when it can be', async ({ page, stage }) => {
  stage.mayComplain = /torn apart/u;
  await tear(page, 'trash-screen');
  await stage.play('idle');
  await page.getByRole('link', { name: 'Trash' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(CANNOT);
  await expect(page.getByRole('alert')).toContainText('went wrong while it was drawn');
  await expect(page.getByText('torn apart')).toBeHidden();
  await page.getByText('For a report').click();
  await expect(page.getByText('torn apart')).toBeVisible();
  await page.getByRole('link', { name: 'Devices' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Devices');
  await page.getByRole('link', { name: 'Trash' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(CANNOT);
  await page.evaluate(() => Object.assign(globalThis, { torn: false }));
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Trash');
});

test('it is offered to load the page anew, but not while nobody serves it', async ({ page, stage }) => {
  stage.mayComplain = LOST;
  const letThrough = await withhold(page, 'devices-screen', gone);
  await stage.play('idle', '#/devices');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(CANNOT);
  await expect(page.getByRole('button', { name: 'Reload Onefold' })).toBeVisible();
  stage.isUp = false;
  await stage.cut();
  await expect(page.getByRole('button', { name: 'Reload Onefold' })).toBeHidden();
  stage.isUp = true;
  await letThrough();
  await page.getByRole('button', { name: 'Reload Onefold' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Devices');
});

test('without an account, too, a page whose code does not come is not white', async ({ page, stage }) => {
  stage.mayComplain = LOST;
  const letThrough = await withhold(page, 'setup-flow', abort);
  await stage.play('new');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Onefold cannot be shown');
  await expect(page.getByRole('main')).toContainText('Your files stay as they are.');
  await expectAccessible(page);
  await letThrough();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('One folder, the same on every machine.');
});

test('code that takes its time is waited for in sight, and aloud', async ({ page, stage }) => {
  let arrive: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (arrive = resolve));
  await page.route('**/assets/trash-screen-*.js', async (route) => {
    await asked;
    await route.continue();
  });
  await stage.play('idle');
  await page.getByRole('link', { name: 'Trash' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Opening it.' })).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
  await expectAccessible(page);
  arrive();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Trash');
});

test('who calls the search by its keys and types on at once loses no letter, whatever code is still on its way', async ({
  page,
  stage,
}) => {
  await page.route('**/assets/*-screen-*.js', () => undefined);
  await stage.play('idle');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('thesis');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await expect(page.getByRole('searchbox')).toHaveValue('thesis');
});

test('every screen is there before it is asked for, so that a daemon that has gone does not matter', async ({
  page,
  stage,
}) => {
  const fetched = new Set<string>();
  page.on('requestfinished', (request) => fetched.add(/(\w+)-screen-/u.exec(request.url())?.[1] ?? ''));
  await stage.play('idle');
  const screens = [
    'account',
    'activity',
    'conflicts',
    'devices',
    'files',
    'past',
    'settings',
    'storage',
    'trash',
    'versions',
  ];
  await expect.poll(() => screens.filter((name) => !fetched.has(name))).toEqual([]);
  await page.route('**/assets/**', abort);
  stage.isUp = false;
  await stage.cut();
  for (const name of ['Files', 'Settings', 'Account']) {
    await page.getByRole('link', { name }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
  }
});

test('says it in Korean, too', async ({ browser, pageUrl }) => {
  const context = await browser.newContext({ locale: 'ko-KR' });
  const page = await context.newPage();
  await withhold(page, 'settings-screen', abort);
  await page.goto(`${pageUrl}#/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(KOREAN_CANNOT);
  await expect(page.getByRole('alert')).toContainText('파일은 그대로 있고');
  await expect(page.getByRole('button', { name: '다시 시도' })).toBeVisible();
  await context.close();
});
