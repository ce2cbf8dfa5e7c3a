import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { describeSurface } from './index.ts';

/** Changing the surface is a decision: programs outside this repository rely on it. Then, and only then, pin it anew. */
const PIN = 'b4447a727a86e31755100134943f47cfc3a19fc095e44141c299f67a5c0a0978';

test('the control surface is the one that is pinned', () => {
  const surface = JSON.stringify(describeSurface());
  expect(createHash('sha256').update(surface).digest('hex')).toBe(PIN);
});
