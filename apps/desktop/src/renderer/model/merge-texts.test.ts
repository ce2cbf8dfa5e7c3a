import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineChanges } from './line-changes.ts';
import { lineEnds, mergedText, mergeParts } from './merge-texts.ts';
import type { MergePart } from './merge-texts.ts';

async function partsOf(left: string, right: string): Promise<readonly MergePart[] | null> {
  const changes = await lineChanges(left, right);
  return changes === null ? null : mergeParts(changes);
}

const text = fc
  .array(fc.constantFrom('one', 'two', 'three', ''), { maxLength: 12 })
  .chain((lines) => fc.constantFrom('', '\n').map((end) => lines.join('\n') + end));

test('one side everywhere is that side, letter for letter', async () => {
  await fc.assert(
    fc.asyncProperty(text, text, async (left, right) => {
      const parts = await partsOf(left, right);
      if (parts === null) return;
      const places = parts.filter(({ kind }) => kind === 'differs').length;
      expect(mergedText(parts, Array<'left'>(places).fill('left'))).toBe(left);
      expect(mergedText(parts, Array<'right'>(places).fill('right'))).toBe(right);
    }),
  );
});

test('each place is decided by itself, and where nothing was decided both sides stand in it', async () => {
  const parts = (await partsOf('a\nmine\nb\nalso mine\n', 'a\nyours\nb\n')) ?? [];
  expect(parts.filter(({ kind }) => kind === 'differs')).toHaveLength(2);
  expect(mergedText(parts, ['right', 'left'])).toBe('a\nyours\nb\nalso mine\n');
  expect(mergedText(parts, [])).toBe('a\nmine\nyours\nb\nalso mine\n');
  expect(mergedText((await partsOf('mine', 'yours')) ?? [], [])).toBe('mine\nyours');
  expect(await partsOf('same\n', 'same\n')).toBeNull();
});

test('how lines end is told, and that they end in different ways', () => {
  expect([lineEnds('a\nb', 'c'), lineEnds('a\r\n', 'b\r\nc'), lineEnds('a\r\n', 'b\n'), lineEnds('a\rb')]).toEqual([
    'lf',
    'crlf',
    'mixed',
    'mixed',
  ]);
});
