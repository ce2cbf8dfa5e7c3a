/*
 * Draws the app's icons and the five of the tray from the mark's lines, with a browser as the painter: `node tools/draw-icons.mjs`. What it makes
 * is committed, so that nobody needs a browser to build.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { IconIcns, IconIco } from '@shockpkg/icon-encoder';

const SHEET =
  'M15 18.9A1.6 1.6 0 0 1 13.4 20.5H5.1A1.6 1.6 0 0 1 3.5 18.9V10.6A1.6 1.6 0 0 1 5.1 9H19.5A.9.9 0 0 0 20.15 7.45L16.55 3.85A.9.9 0 0 0 15 4.5Z';
const OPEN_SHEET =
  'M15 14V4.5A.9.9 0 0 1 16.55 3.85L20.15 7.45A.9.9 0 0 1 19.5 9H5.1A1.6 1.6 0 0 0 3.5 10.6V18.9A1.6 1.6 0 0 0 5.1 20.5H10';
/** The sheet without its fold. */
const BODY = 'M15 14.2V18.9A1.6 1.6 0 0 1 13.4 20.5H5.1A1.6 1.6 0 0 1 3.5 18.9V10.6A1.6 1.6 0 0 1 5.1 9H9.8';
const TEAL = '#2a8a8c';
const GREY = '#8b8983';
const AMBER = '#c77d0a';

const ROOT = join(import.meta.dirname, '..', 'icons');

/** The parts of each state inside a 24 px grid, in one colour or in the product's own. @type {Record<string, (ink: string | null) => string>} */
const STATES = {
  idle: (ink) => line(SHEET, ink ?? TEAL),
  syncing: (ink) =>
    `<g opacity=".45">${line(SHEET, ink ?? TEAL)}</g>${line('M15 9H19.5A.9.9 0 0 0 20.15 7.45L16.55 3.85A.9.9 0 0 0 15 4.5V13', ink ?? TEAL, 2.4)}`,
  offline: (ink) => line(OPEN_SHEET, ink ?? GREY),
  paused: (ink) => line(SHEET, ink ?? GREY) + line('M7.6 12.6v4.3M10.9 12.6v4.3', ink ?? GREY),
  // At 16 px the fold would be a few odd dots around the one that counts: that stands in its place.
  attention: (ink) => line(BODY, ink ?? TEAL) + `<circle cx="17" cy="7" r="4.7" fill="${ink ?? AMBER}"/>`,
};

/** @param {string} path @param {string} ink @param {number} [width] */
function line(path, ink, width = 2) {
  return `<path d="${path}" fill="none" stroke="${ink}" stroke-width="${width}" stroke-linejoin="round" stroke-linecap="round"/>`;
}

/** The app's own: the mark on a sheet of paper, with the margin that each system's icons have. */
function appIcon() {
  return (
    `<rect x="1.7" y="1.7" width="20.6" height="20.6" rx="4.8" fill="#fdfcf9"/>` +
    `<rect x="1.95" y="1.95" width="20.1" height="20.1" rx="4.55" fill="none" stroke="#d9d6cd" stroke-width=".5"/>` +
    `<g transform="translate(4.2 4.2) scale(.65)">${line(SHEET, TEAL, 2)}</g>`
  );
}

const browser = await chromium.launch({
  executablePath: process.env['ONEFOLD_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--force-color-profile=srgb'],
});
const page = await browser.newPage();

/** @param {string} body @param {number} sizePx @returns {Promise<Buffer>} a PNG */
async function paint(body, sizePx) {
  await page.setViewportSize({ width: sizePx, height: sizePx });
  await page.setContent(
    `<style>html,body{margin:0;background:transparent}svg{display:block}</style><svg xmlns="http://www.w3.org/2000/svg" width="${sizePx}" height="${sizePx}" viewBox="0 0 24 24">${body}</svg>`,
  );
  return page.screenshot({ omitBackground: true });
}

/** @param {readonly string[]} names @param {Uint8Array} bytes */
function keep(names, bytes) {
  writeFileSync(join(ROOT, ...names), bytes);
}

for (const folder of ['', 'linux', 'tray']) mkdirSync(join(ROOT, folder), { recursive: true });

for (const sizePx of [16, 32, 48, 64, 128, 256, 512])
  keep(['linux', `${sizePx}x${sizePx}.png`], await paint(appIcon(), sizePx));
keep(['icon.png'], await paint(appIcon(), 1024));

const ico = new IconIco();
for (const sizePx of [256, 128, 64, 48, 32, 24, 16]) await ico.addFromPng(await paint(appIcon(), sizePx), null, false);
keep(['icon.ico'], ico.encode());

const icns = new IconIcns();
/** Types of an icns for PNG data by size, those for two pixels a point included. @type {readonly (readonly [string, number])[]} */
const ICNS_TYPES = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
];
for (const [type, sizePx] of ICNS_TYPES) await icns.addFromPng(await paint(appIcon(), sizePx), [type], false);
keep(['icon.icns'], icns.encode());

for (const [state, draw] of Object.entries(STATES)) {
  keep(['tray', `${state}.png`], await paint(draw(null), 22));
  keep(['tray', `${state}@2x.png`], await paint(draw(null), 44));
  keep(['tray', `${state}Template.png`], await paint(draw('#000000'), 18));
  keep(['tray', `${state}Template@2x.png`], await paint(draw('#000000'), 36));
  const trayIco = new IconIco();
  for (const sizePx of [32, 24, 20, 16]) await trayIco.addFromPng(await paint(draw(null), sizePx), null, false);
  keep(['tray', `${state}.ico`], trayIco.encode());
}
await browser.close();
