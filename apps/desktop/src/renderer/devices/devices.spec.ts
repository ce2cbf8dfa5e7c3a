import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { expectAccessibleInBothThemes, test } from '../fixtures/stage.ts';

/** Red, green and blue of one point of the window, as it is shown. */
async function colourAt(page: Page, x: number, y: number): Promise<readonly number[]> {
  const png = await page.screenshot({ clip: { x, y, width: 1, height: 1 } });
  return page.evaluate(
    async (bytes) => {
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
      const drawing = new OffscreenCanvas(1, 1).getContext('2d');
      drawing?.drawImage(bitmap, 0, 0);
      return [...(drawing?.getImageData(0, 0, 1, 1).data ?? [])].slice(0, 3);
    },
    [...png],
  );
}

test('devices and their dialogs, dark and light: hide nothing from anyone', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await stage.play('idle', '#/devices');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Devices');
  await expectAccessibleInBothThemes(page);
  for (const button of ['Link a device', 'Rename Desktop', 'Remove Desktop']) {
    await page.getByRole('button', { name: button }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessibleInBothThemes(page);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  }
});

test('a dialog darkens all of the window, the room of its scrollbar, too', async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1280, height: 860 });
  await stage.play('idle', '#/devices');
  const bright = await colourAt(page, 1270, 600);
  await page.getByRole('button', { name: 'Rename Desktop' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  // Nothing but the page's own colour stands at either place; each is rounded in its own way.
  const [dark, room] = [await colourAt(page, 1240, 600), await colourAt(page, 1270, 600)];
  expect(dark).not.toEqual(bright);
  for (const [part, value] of dark.entries()) expect(Math.abs(value - (room[part] ?? 0))).toBeLessThanOrEqual(2);
});

test('a device is linked by words, a comparison and a yes, by keyboard alone', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/devices');
  await page.getByRole('button', { name: 'Link a device' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('list', { name: 'Eight words' }).getByRole('listitem')).toHaveCount(8);
  await expect(dialog.getByRole('img', { name: 'QR code' })).toBeVisible();
  await expect(dialog.getByText('Tablet wants to join.')).toBeVisible();
  await expect(dialog.getByRole('list', { name: 'Check words' })).toHaveText('copperislandquietember');
  expect(daemon.asked).toEqual([]);
  await dialog.getByRole('button', { name: 'They match, let it in' }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('Tablet is in your account.')).toBeVisible();
  expect(daemon.asked).toEqual([['answerLinking', { approve: true, checkWords: 'copper island quiet ember' }]]);
});

test('a device that shows other words is turned down', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/devices');
  await page.getByRole('button', { name: 'Link a device' }).click();
  await page.getByRole('button', { name: 'Turn it down' }).click();
  await expect(page.getByRole('dialog').getByText('The device was turned down.')).toBeVisible();
  expect(daemon.asked).toEqual([['answerLinking', { approve: false, checkWords: 'copper island quiet ember' }]]);
});

test('a device is renamed, and removed only after it was said what that does', async ({ page, stage }) => {
  const daemon = await stage.play('idle', '#/devices');
  const list = page.getByRole('list', { name: 'Devices' });
  await page.getByRole('button', { name: 'Rename Desktop' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Study');
  await page.keyboard.press('Enter');
  await expect(list).toContainText('Study');
  await page.getByRole('button', { name: 'Remove Study' }).click();
  await expect(page.getByRole('dialog')).toContainText('can neither read nor change anything here');
  expect(daemon.asked.map(([call]) => call)).toEqual(['renameDevice']);
  await page.getByRole('dialog').getByRole('button', { name: 'Remove Study' }).click();
  await expect(list).not.toContainText('Study');
  expect(daemon.asked.map(([call]) => call)).toEqual(['renameDevice', 'revokeDevice']);
});
