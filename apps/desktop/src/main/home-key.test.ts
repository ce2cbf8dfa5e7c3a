import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineKey, keyStoreState } from './home-key.ts';
import type { KeyStore } from './home-key.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'onefold-home-key-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function keyStore({ isThere = true, isStale = false } = {}): KeyStore {
  return {
    isThere: async () => isThere,
    seal: async (text) => Buffer.from(`sealed:${text}`),
    async open(sealed) {
      const text = Buffer.from(sealed).toString();
      if (!text.includes('sealed:')) throw new Error('not ours');
      return { text: text.slice(text.indexOf(':') + 1), isStale };
    },
  };
}

test('a new home gets a key, and one that a command line has set up only when that is wanted', async () => {
  const made = await engineKey(home, keyStore(), null);
  expect(made?.isWanted).toBe(true);
  expect(Buffer.from(made?.key ?? '', 'base64')).toHaveLength(32);
  expect((await engineKey(home, keyStore(), null))?.key).not.toBe(made?.key);
  expect(await engineKey(home, keyStore(), false)).toBeNull();
  writeFileSync(join(home, 'account.json'), '{}');
  expect(await keyStoreState(home, keyStore())).toBe('file');
  expect(await engineKey(home, keyStore(), null)).toBeNull();
  expect((await engineKey(home, keyStore(), true))?.isWanted).toBe(true);
});

test('the key of a sealed home is the one that the key store gives, until nobody wants it sealed', async () => {
  writeFileSync(join(home, 'key.sealed'), 'sealed:a2V5');
  const sealed = Buffer.from('sealed:a2V5').toString('base64');
  expect(await engineKey(home, keyStore(), null)).toEqual({ key: 'a2V5', sealed, isWanted: true });
  expect(await engineKey(home, keyStore(), false)).toEqual({ key: 'a2V5', sealed, isWanted: false });
  expect(await keyStoreState(home, keyStore())).toBe('sealed');
  writeFileSync(join(home, 'key.sealed'), 'formerly-sealed:a2V5');
  expect(await engineKey(home, keyStore({ isStale: true }), null)).toEqual({ key: 'a2V5', sealed, isWanted: true });
});

test('no key store, or one that does not know the key: there is none, and none is made in its place', async () => {
  expect([
    await engineKey(home, keyStore({ isThere: false }), true),
    await keyStoreState(home, keyStore({ isThere: false })),
  ]).toEqual([null, 'none']);
  writeFileSync(join(home, 'key.sealed'), 'of another machine');
  expect(await engineKey(home, keyStore(), null)).toBeNull();
  expect(await keyStoreState(home, keyStore({ isThere: false }))).toBe('sealed');
});
