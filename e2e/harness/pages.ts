import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { runOk } from '../../tools/command-line.ts';
import type { Device } from './world.ts';

/** The page of a device's daemon, as `onefold ui` opens it; then the screen of that name in its navigation. */
export async function openPage(page: Page, { home }: Pick<Device, 'home'>, screen?: string): Promise<void> {
  await page.goto((await runOk('onefold', ['ui', '--home', home])).trim());
  if (screen !== undefined) await page.getByRole('link', { name: screen }).click();
}

/** Axe finds nothing, in light and in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await findViolations(page)).toEqual([]);
  }
}

/**
 * What axe finds in the page as it stands, looked at from within: its other way opens a second page for every look, and tells more only of
 * frames from elsewhere.
 */
export async function findViolations(page: Page): Promise<string[]> {
  expect(page.frames()).toHaveLength(1);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.map(({ id, help }) => `${id}: ${help}`);
}
