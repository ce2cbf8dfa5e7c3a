import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const CSS = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');

/** The colours of one theme: the first block has all of them, the dark one its own. */
function colours(selector: string): Map<string, string> {
  const start = CSS.indexOf(`${selector} {`);
  const block = CSS.slice(start, CSS.indexOf('\n}', start));
  return new Map(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\b/gu)].map(([, name, hex]) => [name ?? '', hex ?? '']),
  );
}

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

const TEXT_ON: readonly (readonly [text: string, ...grounds: string[]])[] = [
  ['ink-12', 'paper-1', 'paper-2', 'paper-3', 'paper-4', 'paper-5', 'amber-soft', 'red-soft'],
  ['ink-11', 'paper-1', 'paper-2', 'paper-3', 'paper-4', 'amber-soft'],
  ['accent-text', 'paper-1', 'paper-3', 'accent-soft'],
  ['amber-text', 'paper-1', 'paper-3', 'amber-soft'],
  ['red-text', 'paper-1', 'paper-3', 'red-soft'],
  ['on-accent', 'accent', 'accent-hover'],
];
const GRAPHICS_ON: readonly (readonly [string, ...string[]])[] = [
  ['ink-9', 'paper-1'],
  ['ink-10', 'paper-1', 'paper-2'],
  ['amber', 'paper-1', 'amber-soft'],
  ['accent-text', 'paper-4'],
];

describe.each([':root', ":root[data-theme='dark']"])('colours of %s', (selector) => {
  const theme = colours(selector);
  const colour = (name: string) => {
    const hex = theme.get(name);
    if (hex === undefined) throw new Error(`no colour ${name}`);
    return hex;
  };

  test('text can be read on every ground it stands on', () => {
    for (const [text, ...grounds] of TEXT_ON) {
      for (const ground of grounds) {
        const ratio = contrast(colour(text), colour(ground));
        expect([text, ground, ratio >= 4.5 ? 'enough' : ratio]).toEqual([text, ground, 'enough']);
      }
    }
  });

  test('drawings that mean something stand out from their ground', () => {
    for (const [drawing, ...grounds] of GRAPHICS_ON) {
      for (const ground of grounds) {
        const ratio = contrast(colour(drawing), colour(ground));
        expect([drawing, ground, ratio >= 3 ? 'enough' : ratio]).toEqual([drawing, ground, 'enough']);
      }
    }
  });

  test('the steps go from paper to ink without turning back', () => {
    const inks = ['paper-1', 'ink-7', 'ink-8', 'ink-9', 'ink-10', 'ink-11', 'ink-12'].map((name) =>
      contrast(colour('paper-1'), colour(name)),
    );
    expect(inks).toEqual([...inks].sort((a, b) => a - b));
  });
});

test('both themes name the same colours', () => {
  expect([...colours(":root[data-theme='dark']").keys()]).toEqual([...colours(':root').keys()]);
});
