import { expect } from '@playwright/test';
import { expectAccessible, expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

const PARTS = ['General', 'Folders', 'Bandwidth', 'Network', 'Diagnostics'] as const;

test('every part of the settings, dark and light: hides nothing from anyone, at 800 px too', async ({
  page,
  stage,
}) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 800, height: 900 });
  await stage.play('idle', '#/settings');
  for (const part of PARTS) {
    await page.getByRole('tab', { name: part }).click();
    await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
    await expectAccessibleInBothThemes(page);
  }
  await page.getByRole('tab', { name: 'Folders' }).click();
  await page.getByRole('radio', { name: 'Send only' }).click();
  await page.getByRole('button', { name: 'Make the server like this device' }).click();
  await expectAccessibleInBothThemes(page);
});

test('what is handed to a helper is shown whole before, and saved or copied as it stands there', async ({
  page,
  context,
  stage,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await stage.play('idle', '#/settings?part=diagnostics');
  await expect(
    page.getByText(
      '9,420 folders are to be watched, and the system watches no more: 8,192 in all, for all programs. Raise fs.inotify',
    ),
  ).toBeVisible();
  const shown = await page.getByRole('region', { name: 'What would be handed over' }).innerText();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  expect((await saved).suggestedFilename()).toMatch(/^onefold-diagnostics-.*\.txt$/u);
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('It is copied.').first()).toBeVisible();
  expect((await page.evaluate(() => navigator.clipboard.readText())).trim()).toBe(shown.trim());
});

test('limits are set in MB a second, and one that no line could hold is not', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/settings?part=bandwidth');
  const up = page.getByRole('region', { name: 'Limits', exact: true }).getByLabel('Upload');
  await expect(up).toHaveValue('2.5');
  await up.fill('0.001');
  await page.keyboard.press('Enter');
  await expect(page.getByText('at least 32.768 kB/s')).toBeVisible();
  await up.fill('4');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Mon' }).click();
  await page.getByRole('switch', { name: 'Pause during these hours' }).click();
  const [first, second, third] = daemon.asked.map(([, args]) => JSON.stringify(args));
  expect(first).toBe('{"changes":{"bandwidth":{"upBytesPerSecond":4000000}}}');
  expect(second).toContain('"days":["tue","wed","thu","fri"]');
  expect(third).toContain('"pause":true');
});

test('a folder is unticked by keyboard, inside one that is opened', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/settings?part=folders');
  await page.getByRole('button', { name: 'Open Photos' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('checkbox', { name: '2025' }).focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('checkbox', { name: 'Photos' })).toHaveAttribute('aria-checked', 'mixed');
  await expect(page.getByRole('checkbox', { name: 'Footage' })).not.toBeChecked();
  expect(daemon.asked).toEqual([['setSelection', { folder: '/home/ana/Onefold', untick: ['Photos/2025'] }]]);
});

test('rules say what they would change before they are saved, and are saved over what was read', async ({
  page,
  stage,
}) => {
  const daemon = await stage.play('idle', '#/settings?part=folders');
  const rules = page.getByLabel('Rules at the top of the folder');
  await expect(rules).toHaveValue('*.iso\n/build/\n');
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
  await rules.fill('*.iso\n*.mov\n');
  await expect(page.getByText('Footage/interview-take-03.mov')).toBeVisible();
  await expect(page.getByText('stays as it is on both sides')).toBeVisible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The rules are saved.').first()).toBeVisible();
  expect(daemon.asked).toEqual([
    ['setRules', { folder: '/home/ana/Onefold', text: '*.iso\n*.mov\n', was: '*.iso\n/build/\n' }],
  ]);
});

test('what differs is listed as far as one asks for, and stays so when it is looked at again', async ({
  page,
  stage,
}) => {
  const daemon = await stage.play('idle', '#/settings?part=folders');
  await page.getByRole('radio', { name: 'Send only' }).click();
  const rows = page.getByRole('list', { name: '120 entries differ.' }).getByRole('listitem');
  await expect(rows).toHaveCount(50);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(rows).toHaveCount(100);
  daemon.setStatus({ state: 'syncing' });
  await expect(rows).toHaveCount(100);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(rows).toHaveCount(120);
  await expect(page.getByRole('button', { name: 'Show more' })).toBeHidden();
});

test('a one-way folder is settled only after it was said what that does', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/settings?part=folders');
  await page.getByRole('radio', { name: 'Send only' }).click();
  await page.getByRole('button', { name: 'Make the server like this device' }).click();
  await expect(page.getByRole('dialog')).toContainText('deleted there, on all your devices');
  await page.keyboard.press('Escape');
  expect(daemon.asked.map(([call]) => call)).toEqual(['setOneWay']);
  await page.getByRole('button', { name: 'Make the server like this device' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Do it' }).click();
  await expect.poll(() => daemon.asked.map(([call]) => call)).toEqual(['setOneWay', 'settleOneWay']);
});

test('hours are written as the language of the page writes them, and what is no time is not taken', async ({
  page,
  stage,
}) => {
  const daemon = await stage.play('idle', '#/settings?part=bandwidth');
  await expect(page.getByRole('textbox', { name: 'To' })).toHaveValue('18:00');
  await page.getByRole('textbox', { name: 'To' }).fill('25:00');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('alert').filter({ hasText: 'Write a time such as 09:30.' })).toBeVisible();
  await expectAccessible(page);
  expect(daemon.asked).toEqual([]);
  await page.getByRole('tab', { name: 'General' }).click();
  await page.getByRole('radio', { name: '한국어' }).click();
  await page.getByRole('tab', { name: '대역폭' }).click();
  await expect(page.getByRole('textbox', { name: '까지' })).toHaveValue('6:00');
  await page.getByRole('textbox', { name: '까지' }).fill('7:30');
  await page.keyboard.press('Enter');
  await expect.poll(() => JSON.stringify(daemon.asked)).toContain('"to":"19:30"');
});

test('rules that another device changed meanwhile are shown, and saved over only when that is said again', async ({
  page,
  stage,
}) => {
  const daemon = await stage.play('idle', '#/settings?part=folders');
  const field = page.getByLabel('Rules at the top of the folder');
  await field.fill('*.iso\n*.mov\n');
  daemon.rulesElsewhere = '*.iso\n*.bak\n';
  const section = page.getByRole('region', { name: 'What is left out' });
  await section.getByRole('button', { name: 'Save' }).click();
  await expect(section.getByRole('alert').filter({ hasText: '*.bak' })).toBeVisible();
  await expect(field).toHaveValue('*.iso\n*.mov\n');
  expect(daemon.asked).toEqual([]);
  await section.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The rules are saved.').first()).toBeVisible();
  expect(daemon.asked).toEqual([
    ['setRules', expect.objectContaining({ was: '*.iso\n*.bak\n', text: '*.iso\n*.mov\n' })],
  ]);
});

test('two folders of one name are told apart where one is chosen', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/settings?part=folders');
  const folder = { namespace: '', files: 1, head: 1, paused: false, state: 'idle' as const, pending: 0 };
  daemon.setStatus({ folders: ['/home/ana/Onefold', '/srv/work/Onefold'].map((path) => ({ path, ...folder })) });
  await expect(page.getByRole('combobox', { name: 'Folder' }).getByRole('option')).toHaveText([
    '/home/ana/Onefold',
    '/srv/work/Onefold',
  ]);
});

test('a folder is kept in step no more only after it was said what stays', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/settings?part=folders');
  await page.getByLabel('Folder', { exact: true }).selectOption('Studio Kim');
  await page.getByRole('button', { name: 'Keep it in step no more…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Keep Studio Kim in step no more?' });
  await expect(dialog).toContainText('Everything in it stays');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  expect(daemon.asked).toEqual([]);
  await page.getByRole('button', { name: 'Keep it in step no more…' }).click();
  await dialog.getByRole('button', { name: 'Keep it no more' }).click();
  await expect(page.getByText('Studio Kim is no longer kept in step here.').first()).toBeVisible();
  expect(daemon.asked).toEqual([['remove', { path: '/srv/work/Studio Kim' }]]);
});
