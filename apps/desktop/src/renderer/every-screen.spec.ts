import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { SHOTS } from './fixtures/shots.ts';
import { test } from './fixtures/stage.ts';

/* Whatever there is a picture of, whoever added it. What axe finds is looked for by the specs of each screen. */

const MOST_STEPS = 40;

async function speak(page: Page, language: string): Promise<void> {
  await page.goto('about:blank');
  await page.addInitScript(
    `if (location.protocol !== 'about:') localStorage.setItem('onefold.preferences', '{"language":"${language}"}')`,
  );
}

/** Words that do not fit into what holds them, unless that says so by an ellipsis. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, a, label, legend, h1, h2, h3, p, dt, dd, th, td, select, span')]
      .filter(
        (one) =>
          one.closest('.visually-hidden') === null &&
          one.offsetParent !== null &&
          (one.textContent ?? '').trim() !== '',
      )
      .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1)
      .filter((one) => {
        const { display, textOverflow, overflowX } = getComputedStyle(one);
        return display !== 'inline' && textOverflow !== 'ellipsis' && !['auto', 'scroll'].includes(overflowX);
      })
      .map((one) => one.outerHTML.slice(0, 160)),
  );
}

/** Where the keyboard is and nothing shows it. */
function unmarked(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const at = document.activeElement;
    if (at === null || at === document.body) return null;
    const isMarked = (one: Element | null): boolean => {
      if (one === null) return false;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
    };
    // A box drawn by its label is marked there, a row of a tree by itself.
    const active = document.getElementById(at.getAttribute('aria-activedescendant') ?? '');
    const drawn = [at, active, at.nextElementSibling, at.closest('label'), at.parentElement];
    return drawn.some(isMarked) ? null : at.outerHTML.slice(0, 160);
  });
}

for (const { name, scene, hash, prepare } of SHOTS) {
  test(`${name}: fits from 800 px to 4K in both languages, has one thing to do first, and shows where the keyboard is`, async ({
    page,
    stage,
  }) => {
    test.slow();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    for (const language of ['ko', 'en']) {
      await speak(page, language);
      await page.setViewportSize({ width: 800, height: 860 });
      await stage.play(scene, hash);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await prepare?.(page);
      // Narrow is what words have to fit into; wide is the same for any words.
      for (const width of language === 'ko' ? [800] : [3840, 800]) {
        await page.setViewportSize({ width, height: width === 800 ? 860 : 2160 });
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        expect(await cutOff(page)).toEqual([]);
      }
      const dialog = page.getByRole('dialog');
      const within = (await dialog.count()) > 0 ? dialog : page.locator('#root');
      expect(await within.locator('.button-primary:visible').count()).toBeLessThanOrEqual(1);
    }
    for (let step = 0; step < MOST_STEPS; step++) {
      await page.keyboard.press('Tab');
      expect(await unmarked(page)).toBeNull();
    }
  });
}
