import type { Browser, Page } from '@playwright/test';
import type { AnimationFrame } from './animated-png.ts';

export interface Pane {
  readonly title: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What both panes showed at one moment, as PNGs. */
export interface Moment {
  readonly left: Buffer;
  readonly right: Buffer;
  readonly delayMs: number;
}

const GAP_PX = 16;
const TITLE_PX = 40;

/** Draws two panes with their titles beside each other, and of every later moment only what has changed, each pane for itself. */
export async function laySideBySide(
  browser: Browser,
  panes: readonly [Pane, Pane],
  moments: readonly Moment[],
): Promise<AnimationFrame[]> {
  const page = await browser.newPage();
  try {
    await page.evaluate(prepare, { panes, gapPx: GAP_PX, titlePx: TITLE_PX });
    const frames: AnimationFrame[] = [];
    for (const { left, right, delayMs } of moments) {
      const drawn = await draw(page, [left, right]);
      const last = frames.at(-1);
      // Nothing moved: what is there stays longer.
      if (drawn.length === 0 && last !== undefined) frames.splice(-1, 1, { ...last, delayMs: last.delayMs + delayMs });
      drawn.forEach(({ url, x, y }, index) => {
        const png = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
        // Both panes of one moment come as good as at once.
        frames.push({ png, x, y, delayMs: index === drawn.length - 1 ? delayMs : 0 });
      });
    }
    return frames;
  } finally {
    await page.close();
  }
}

interface Drawn {
  readonly url: string;
  readonly x: number;
  readonly y: number;
}

function draw(page: Page, pictures: readonly Buffer[]): Promise<Drawn[]> {
  return page.evaluate(
    (urls) => (globalThis as unknown as { drawMoment(urls: readonly string[]): Promise<Drawn[]> }).drawMoment(urls),
    pictures.map((png) => `data:image/png;base64,${png.toString('base64')}`),
  );
}

/** Runs in the page: keeps the picture there, and leaves `drawMoment` behind. */
function prepare(look: {
  readonly panes: readonly [Pane, Pane];
  readonly gapPx: number;
  readonly titlePx: number;
}): void {
  const { panes, gapPx, titlePx } = look;
  const canvas = document.createElement('canvas');
  canvas.width = panes[0].widthPx + gapPx + panes[1].widthPx;
  canvas.height = titlePx + Math.max(panes[0].heightPx, panes[1].heightPx);
  const found = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  if (found === null) throw new Error('no canvas');
  const context: CanvasRenderingContext2D = found;
  context.fillStyle = '#dfe3e2';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = '#1c2423';
  context.font = '600 18px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const lefts = [0, panes[0].widthPx + gapPx];
  panes.forEach(({ title }, index) => context.fillText(title, (lefts[index] ?? 0) + gapPx, titlePx / 2));
  let isFirst = true;

  function cut(x: number, y: number, width: number, height: number): Drawn {
    const piece = document.createElement('canvas');
    piece.width = width;
    piece.height = height;
    piece.getContext('2d', { alpha: false })?.drawImage(canvas, x, y, width, height, 0, 0, width, height);
    return { url: piece.toDataURL('image/png'), x, y };
  }

  /** Around every pixel that differs; null where none does. */
  function changed(was: ImageData, is: ImageData): { x: number; y: number; width: number; height: number } | null {
    const before = new Uint32Array(was.data.buffer);
    const after = new Uint32Array(is.data.buffer);
    let [top, bottom, left, right] = [is.height, -1, is.width, -1];
    for (let at = 0; at < after.length; at++) {
      if (before[at] === after[at]) continue;
      const y = Math.floor(at / is.width);
      const x = at % is.width;
      top = Math.min(top, y);
      bottom = y;
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
    return bottom < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
  }

  async function drawMoment(urls: readonly string[]): Promise<Drawn[]> {
    const drawn: Drawn[] = [];
    for (const [index, pane] of panes.entries()) {
      const left = lefts[index] ?? 0;
      const picture = new Image();
      picture.src = urls[index] ?? '';
      await picture.decode();
      const was = context.getImageData(left, titlePx, pane.widthPx, pane.heightPx);
      context.drawImage(picture, left, titlePx);
      const box = changed(was, context.getImageData(left, titlePx, pane.widthPx, pane.heightPx));
      if (!isFirst && box !== null) drawn.push(cut(left + box.x, titlePx + box.y, box.width, box.height));
    }
    if (!isFirst) return drawn;
    isFirst = false;
    return [cut(0, 0, canvas.width, canvas.height)];
  }

  Object.assign(globalThis, { drawMoment });
}
