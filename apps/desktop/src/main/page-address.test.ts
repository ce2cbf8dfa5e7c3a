import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PAGE_HEADERS, PAGE_URL, isPageUrl, pageFile } from './page-address.ts';

const FOLDER = join('/', 'opt', 'onefold', 'renderer');

describe('the page’s address', () => {
  test('leads to the files of the page', () => {
    expect(pageFile(PAGE_URL, FOLDER)).toEqual({ path: join(FOLDER, 'index.html'), type: 'text/html; charset=utf-8' });
    expect(pageFile('onefold://page/assets/a%20b.woff2?v=1#x', FOLDER)).toEqual({
      path: join(FOLDER, 'assets', 'a b.woff2'),
      type: 'font/woff2',
    });
  });

  test('leads nowhere else', () => {
    const astray = [
      'onefold://page/../secret.js',
      'onefold://page/%2e%2e/secret.js',
      'onefold://page/..%2fsecret.js',
      'onefold://page/%2e%2e%2f%2e%2e%2fetc/passwd.txt',
      'onefold://page/a%00.js',
      'onefold://page/%E0%A4%A.js',
      'onefold://page/data.sqlite',
      'onefold://page',
      'onefold://pages/index.html',
      'onefold://page.evil/index.html',
      'https://page/index.html',
      'file:///etc/passwd',
      'javascript:alert(1)',
      '',
    ];
    for (const url of astray) {
      const file = pageFile(url, FOLDER);
      expect([url, file === null || file.path.startsWith(join(FOLDER, '/'))]).toEqual([url, true]);
    }
    expect(['onefold://pages/', 'onefold://page.evil/', 'https://page/', 'onefold:page'].filter(isPageUrl)).toEqual([]);
  });

  test('never leaves its folder, whatever is asked for', () => {
    const piece = fc.constantFrom('..', '%2e%2e', '%2f', '%5c', '/', '\\', 'a', '.', 'index.js', '%25', ' ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const file = pageFile(`onefold://page/${pieces.join('')}/x.js`, FOLDER);
        if (file !== null) expect(file.path.startsWith(join(FOLDER, '/'))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('the policy lets nothing in from outside and runs nothing that is written into the page', () => {
    const policy = PAGE_HEADERS['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/u);
  });
});
