import { OnefoldError } from '@onefold/control';
import { expect } from '@playwright/test';
import { playScene } from './fixtures/fake-daemon.ts';
import { SCENE_NAMES, setScene } from './fixtures/scenes.ts';
import type { SceneName } from './fixtures/scenes.ts';
import { expectAccessible, expectAccessibleInBothThemes, test } from './fixtures/stage.ts';

const TRUTHS: Readonly<Record<SceneName, string>> = {
  idle: 'Everything is safe.',
  syncing: '792 files not yet safe, 2 min left.',
  arriving: '12 changes on their way here.',
  attention: '4 things need you.',
  offline: 'Offline: 5 changes wait.',
  paused: 'Paused.',
  rest: '1 folder is paused. The rest is safe.',
  empty: 'Choose a folder to keep safe.',
  alone: 'Everything is safe.',
  long: 'Everything is safe.',
  new: 'One folder, the same on every machine.',
  locked: 'The keys of this device cannot be opened',
};

for (const scene of SCENE_NAMES) {
  test(`${scene}, dark and light: tells the truth and hides nothing from anyone`, async ({ page, stage }) => {
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await stage.play(scene);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(TRUTHS[scene]);
    await expectAccessibleInBothThemes(page);
  });
}

test('800 px wide, nothing is cut off and nothing scrolls sideways, in both languages', async ({ page, stage }) => {
  await page.setViewportSize({ width: 800, height: 700 });
  for (const scene of ['syncing', 'attention', 'idle'] as const) {
    await stage.play(scene);
    for (const language of ['한국어', 'English']) {
      await page.getByRole('link', { name: /^(Settings|설정)$/u }).click();
      await page.getByRole('radio', { name: language }).click();
      await page.getByRole('link', { name: /^(Home|홈)$/u }).click();
      await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(800);
    }
  }
});

test('speaks Korean where the system does, and keeps a language that was chosen', async ({ browser, pageUrl }) => {
  const context = await browser.newContext({ locale: 'ko-KR' });
  const page = await context.newPage();
  await page.routeWebSocket('**/control', (line) => {
    playScene(setScene('idle', Date.now())).server.serve({
      send: (message) => line.send(message),
      onMessage: (listener) => line.onMessage((message) => listener(String(message))),
      close: () => void line.close(),
      onClose: (listener) => line.onClose(() => listener()),
    });
  });
  await page.goto(pageUrl);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('모두 안전합니다.');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
  await expect(page).toHaveTitle('모두 안전합니다 · Onefold');
  await page.getByRole('link', { name: '설정' }).click();
  await page.getByRole('radio', { name: 'English' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Settings');
  await page.getByRole('radio', { name: 'Dark' }).click();
  await page.goto(pageUrl);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await context.close();
});

test('the whole page can be worked by keyboard', async ({ page, stage }) => {
  const daemon = await stage.play('idle');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Pause', exact: true }).first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Paused.');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Add folder' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Resume Onefold' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('1 folder is paused. The rest is safe.');
  expect(daemon.asked).toEqual([
    ['pause', {}],
    ['resume', { folder: '/home/ana/Onefold' }],
  ]);
});

test('a mass deletion goes through only when it was answered twice', async ({ page, stage }) => {
  const daemon = await stage.play('attention');
  await page.getByRole('button', { name: 'Delete them everywhere' }).click();
  expect(daemon.asked).toEqual([]);
  await page.getByRole('button', { name: 'Sure? Choose again to go on' }).click();
  await expect(page.getByText('812 files were deleted')).toBeHidden();
  expect(daemon.asked).toEqual([['confirm', { id: 'm1' }]]);
});

test('turning away from the second question takes the first answer back', async ({ page, stage }) => {
  const daemon = await stage.play('attention');
  await page.getByRole('button', { name: 'Delete them everywhere' }).click();
  await page.getByRole('button', { name: 'Pause', exact: true }).first().focus();
  await expect(page.getByRole('button', { name: 'Delete them everywhere' })).toBeVisible();
  await page.getByRole('button', { name: 'Bring them back' }).click();
  await expect(page.getByText('812 files were deleted')).toBeHidden();
  expect(daemon.asked).toEqual([['reject', { id: 'm1' }]]);
});

test('a server that was put back from a backup is gone on with once a person has said so', async ({ page, stage }) => {
  const daemon = await stage.play('attention');
  const item = { id: 'f1/stopped:server-restored', code: 'server-restored', path: '', message: 'restored' };
  daemon.setStatus({ attention: [{ ...item, folder: '/home/ana/Onefold' }], pending: 0, notYetSafe: 0 });
  await expect(page.getByText('Then what it lost is sent again from here; nothing is deleted for it.')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Go on with it' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
  expect(daemon.asked).toEqual([['confirm', { id: 'f1/stopped:server-restored' }]]);
});

test('a folder that is not where it was is found by its path', async ({ page, stage }) => {
  const daemon = await stage.play('attention');
  await page.getByRole('button', { name: 'Find the folder' }).click();
  await expectAccessible(page);
  await page.getByLabel('Where the folder is now').fill('/media/new/Archive');
  await page.getByRole('button', { name: 'It is here' }).click();
  await expect(page.getByText('The folder is not where it was')).toBeHidden();
  expect(daemon.asked).toEqual([['locate', { folder: '/media/usb/Archive', path: '/media/new/Archive' }]]);
});

test('a folder is added by its path, and a refusal says why', async ({ page, stage }) => {
  const daemon = await stage.play('empty');
  daemon.refuseAdd = new OnefoldError('root-nested', 'inside another one');
  await page.getByRole('button', { name: 'Add folder' }).click();
  await page.getByLabel('Folder on this computer').fill('/home/ana/Onefold/inner');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('inside a folder that is already in Onefold');
  await expectAccessible(page);
  daemon.refuseAdd = null;
  await page.getByLabel('Folder on this computer').fill('/home/ana/Papers');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByText('Papers')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
});

test('when the daemon goes the page says so, and goes on when it comes back', async ({ page, stage }) => {
  const daemon = await stage.play('idle');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
  stage.isUp = false;
  await stage.cut();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Onefold is not running on this computer.');
  await expectAccessible(page);
  daemon.setStatus({ state: 'offline', notYetSafe: 2 });
  stage.isUp = true;
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Offline: 2 changes wait.');
});

test('a language that is chosen in one window holds in those beside it', async ({ page, stage, context, pageUrl }) => {
  await stage.play('idle', '#/settings');
  const other = await context.newPage();
  await other.goto(pageUrl);
  await expect(other.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('radio', { name: '한국어' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('설정');
  await expect(other.locator('html')).toHaveAttribute('lang', 'ko');
});

for (const screen of ['activity', 'files', 'conflicts', 'trash', 'storage', 'devices', 'settings', 'account', 'search'])
  test(`when the daemon goes, ${screen} says that it shows what was`, async ({ page, stage }) => {
    await stage.play('idle', `#/${screen}`);
    const gone = page.getByText('Onefold is not running on this computer. What is shown here is as it was then.');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(gone).toBeHidden();
    stage.isUp = false;
    await stage.cut();
    await expect(gone).toBeVisible();
    await expectAccessible(page);
    stage.isUp = true;
    await expect(gone).toBeHidden();
  });

test('what happens elsewhere appears without being asked for', async ({ page, stage }) => {
  const daemon = await stage.play('alone');
  await expect(page.getByText('Nothing has happened yet.')).toBeVisible();
  daemon.server.publish('activity', {
    items: [
      {
        id: 'x1',
        atMs: Date.now(),
        kind: 'added',
        path: 'Letters/밝은 편지 <b>.txt',
        folder: '/home/ana/Onefold',
        device: { id: 'd2', name: 'Desktop', here: false },
      },
    ],
  });
  await expect(page.getByText('밝은 편지 <b>.txt')).toBeVisible();
  await expect(page.getByText('Added on Desktop')).toBeVisible();
});

test('a device that is there is not said to have been seen a while ago', async ({ page, stage }) => {
  await stage.play('idle');
  await expect(page.getByRole('listitem').filter({ hasText: 'Desktop' }).first()).toContainText('Online');
  await expect(page.getByRole('listitem').filter({ hasText: '서재 맥북' }).first()).toContainText('Last seen 9h ago');
});

test('an entry whose old name is not known is only said to be renamed or moved', async ({ page, stage }) => {
  const daemon = await stage.play('alone');
  await expect(page.getByText('Nothing has happened yet.')).toBeVisible();
  const device = { id: 'd1', name: 'Laptop', here: true };
  const item = { atMs: Date.now(), folder: '/home/ana/Onefold', device };
  daemon.server.publish('activity', {
    items: [
      { ...item, id: 'r1', kind: 'renamed', path: 'Papers' },
      { ...item, id: 'm1', kind: 'moved', path: 'Letter.txt' },
    ],
  });
  await expect(page.getByText('Renamed here', { exact: true })).toBeVisible();
  await expect(page.getByText('Moved here', { exact: true })).toBeVisible();
});

test('of very many things that need someone all can be seen, and only those in sight are in the page', async ({
  page,
  stage,
}) => {
  const daemon = await stage.play('idle');
  const attention = Array.from({ length: 3_000 }, (_, at) => ({
    id: `a${at}`,
    code: 'access-denied',
    path: `Backup/file ${at}.txt`,
    folder: '/home/ana/Onefold',
    message: 'cannot be read',
  }));
  daemon.setStatus({ state: 'attention', attention });
  await page.getByRole('button', { name: 'Show all 3,000' }).click();
  await expect(page.getByText('file 7.txt')).toBeVisible();
  expect(await page.getByRole('listitem').count()).toBeLessThan(80);
  await expectAccessible(page);
  // What stands below the list and the rows themselves get their heights as they come into sight.
  await expect(async () => {
    await page.mouse.wheel(0, 400_000);
    await expect(page.getByText('file 2999.txt')).toBeVisible({ timeout: 500 });
  }).toPass();
  expect(await page.getByRole('listitem').count()).toBeLessThan(80);
});
