import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { missingTests, namedTests, ROOT, rowsWithoutTest } from './named-tests.ts';

const text = readFileSync(`${ROOT}docs/SCREENS.md`, 'utf8');
const [shown = '', pictures = ''] = text.split('\n## Pictures\n');
const SIDES = ['light-en', 'dark-en', 'light-ko', 'dark-ko'];

/** What the script that takes the pictures is told to take. */
function shots(): string[] {
  const source = readFileSync(`${ROOT}apps/desktop/src/renderer/fixtures/shots.ts`, 'utf8');
  return [...source.matchAll(/\bname: '([\w-]+)', scene:|\bname: '([\w-]+)',\n\s+scene:/gu)].map(
    ([, inline, alone]) => inline ?? alone ?? '',
  );
}

test('every row of the list of screens names a test, and each of them is there', () => {
  expect(rowsWithoutTest(shown)).toEqual([]);
  expect(missingTests(shown)).toEqual([]);
  expect(namedTests(shown).length).toBeGreaterThan(80);
});

test('there is a picture of each screen in both themes and languages, the list shows it, and no other is kept', () => {
  const wanted = shots().flatMap((name) => SIDES.map((side) => `${name}-${side}.png`));
  expect(wanted.length).toBeGreaterThan(100);
  const kept = readdirSync(`${ROOT}docs/screens`).filter((name) => name !== 'crossing.png');
  expect(kept.sort()).toEqual(wanted.toSorted());
  const shown = [...pictures.matchAll(/\(screens\/([\w-]+\.png)\)/gu)].map(([, name]) => name);
  expect(shown.filter((name) => name !== 'crossing.png').sort()).toEqual(wanted.toSorted());
});

test('no two pictures are the same one', () => {
  const named = new Map<string, string[]>();
  for (const name of readdirSync(`${ROOT}docs/screens`)) {
    const digest = createHash('sha256')
      .update(readFileSync(`${ROOT}docs/screens/${name}`))
      .digest('hex');
    named.set(digest, [...(named.get(digest) ?? []), name]);
  }
  expect([...named.values()].filter((names) => names.length > 1)).toEqual([]);
});
