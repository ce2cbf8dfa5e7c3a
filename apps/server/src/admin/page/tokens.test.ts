import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the admin page looks like the product: its tokens are the page’s own', () => {
  const ours = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');
  const theirs = new URL('../../../../desktop/src/renderer/styles/tokens.css', import.meta.url);
  expect(ours).toBe(readFileSync(theirs, 'utf8'));
});
