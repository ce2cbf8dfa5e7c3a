import { expect, test } from 'vitest';
import { HOME_KEY_BYTES, isHomeSecretSealed, openHomeSecret, sealHomeSecret } from './home-secret.ts';

const KEY = new Uint8Array(HOME_KEY_BYTES).fill(7);
const PLAIN = Buffer.from('secrets of a device');

test('a sealed file opens with its key and under its name alone', () => {
  const sealed = sealHomeSecret(KEY, 'device.key', PLAIN);
  expect(isHomeSecretSealed(sealed)).toBe(true);
  expect(isHomeSecretSealed(PLAIN)).toBe(false);
  expect(Buffer.from(sealed).includes(PLAIN)).toBe(false);
  expect(Buffer.from(openHomeSecret(KEY, 'device.key', sealed)).equals(PLAIN)).toBe(true);
  const broken = Uint8Array.from(sealed);
  broken[sealed.length - 1] = (broken[sealed.length - 1] ?? 0) ^ 1;
  for (const [key, name, bytes] of [
    [new Uint8Array(HOME_KEY_BYTES), 'device.key', sealed],
    [KEY, 'namespaces/1.key', sealed],
    [KEY, 'device.key', broken],
    [KEY, 'device.key', sealed.subarray(0, 20)],
  ] as const)
    expect(() => openHomeSecret(key, name, bytes)).toThrow('does not open');
});
