import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { describeSurface } from './index.ts';

/** Changing the surface is a decision: programs outside this repository rely on it. Then, and only then, pin it anew. */
const PIN = 'f5dfe74884a651d3b555c819ba7f615c10f9952eeff544accedb29aa388ae3b7';

test('the control surface is the one that is pinned', () => {
  const surface = JSON.stringify(describeSurface());
  expect(createHash('sha256').update(surface).digest('hex')).toBe(PIN);
});
