import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOME_ROUTE, SCREEN_NAMES, hrefOf, readRoute } from './route.ts';

test('whatever a route holds comes back from its address', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SCREEN_NAMES),
      // Half a surrogate pair is no text: no address can hold it.
      fc.dictionary(fc.constantFrom('folder', 'path', 'at'), fc.string({ unit: 'grapheme' })),
      (screen, query) => {
        expect(readRoute(hrefOf(screen, query))).toEqual({ screen, query: { ...query } });
      },
    ),
  );
});

test('names that an address escapes stay what they are', () => {
  const query = { folder: '/home/ana/100% & more?', path: 'a#b/c d+e/%2F/가 나.txt' };
  expect(readRoute(hrefOf('versions', query)).query).toEqual(query);
});

test('an address that names no screen is home', () => {
  for (const hash of ['', '#', '#/', '#content', '#/nowhere?path=x', '#/__proto__'])
    expect(readRoute(hash)).toEqual(HOME_ROUTE);
});
