import { expect, test } from 'vitest';
import { findKit, kitText } from './kit-text.ts';

const kit = {
  server: 'https://files.example.org',
  email: 'ana@example.org',
  account: 'ab'.repeat(16),
  secretKey: 'OF1-AAAAA',
};

test('what is typed and what stands in a file are the same kit', () => {
  expect(findKit(kitText(kit))).toEqual(kit);
  expect(findKit(`Onefold Emergency Kit\r\n\r\n  Server:     ${kit.server}\r\nE-mail: ${kit.email}  \r\n`)).toEqual({
    ...kit,
    account: '',
    secretKey: '',
  });
});

test('a text without a kit gives none', () => {
  expect(Object.values(findKit('Dear diary: the Server was down'))).toEqual(['', '', '', '']);
});
