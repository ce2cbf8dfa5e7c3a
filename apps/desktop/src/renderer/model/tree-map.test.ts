import fc from 'fast-check';
import type { StoragePart } from '@onefold/control';
import { expect, test } from 'vitest';
import { placeParts } from './tree-map.ts';
import type { PlacedPart } from './tree-map.ts';

function part(id: number, parent: number | null, sizeBytes: number): StoragePart {
  return { id, parent, name: `${id}`, path: `${id}`, kind: 'folder', sizeBytes, count: 1 };
}

function overlap(a: PlacedPart, b: PlacedPart): boolean {
  return (
    a.leftPx < b.leftPx + b.widthPx &&
    b.leftPx < a.leftPx + a.widthPx &&
    a.topPx < b.topPx + b.heightPx &&
    b.topPx < a.topPx + a.heightPx
  );
}

test('parts beside each other never overlap and stay within the map, whatever their sizes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 30 }), (sizes) => {
      const whole = sizes.reduce((sum, size) => sum + size, 0);
      const placed = placeParts([part(0, null, whole), ...sizes.map((size, i) => part(i + 1, 0, size))], 800, 400);
      for (const [index, one] of placed.entries()) {
        expect(one.leftPx >= 0 && one.topPx >= 0).toBe(true);
        expect(one.leftPx + one.widthPx <= 800 && one.topPx + one.heightPx <= 400).toBe(true);
        for (const other of placed.slice(index + 1)) expect(overlap(one, other)).toBe(false);
      }
    }),
  );
});

test('areas are as large as what they stand for, and what lies inside stands inside', () => {
  const placed = placeParts([part(0, null, 400), part(1, 0, 300), part(2, 0, 100), part(3, 1, 300)], 400, 400);
  const area = (id: number): number => {
    const found = placed.find((one) => one.part.id === id);
    return (found?.widthPx ?? 0) * (found?.heightPx ?? 0);
  };
  expect(area(1) / area(2)).toBeCloseTo(3, 0);
  const [outer, inner] = [placed.find((one) => one.part.id === 1)!, placed.find((one) => one.part.id === 3)!];
  expect(outer.isOpened).toBe(true);
  expect(inner.leftPx).toBeGreaterThanOrEqual(outer.leftPx);
  expect(inner.topPx + inner.heightPx).toBeLessThanOrEqual(outer.topPx + outer.heightPx);
});

test('a folder that holds nothing, and a map without room, have no parts', () => {
  expect(placeParts([], 800, 400)).toEqual([]);
  expect(placeParts([part(0, null, 0)], 800, 400)).toEqual([]);
  expect(placeParts([part(0, null, 1), part(1, 0, 1)], 0, 400)).toEqual([]);
});
