import { hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { boxPublicKey } from './box-keys.ts';
import { hkdf } from './key-derivation.ts';
import { paddedLength } from './padded-length.ts';

describe('HKDF', () => {
  it('is that of RFC 5869 as the platform has it', () => {
    for (const length of [16, 32, 33, 76, 255]) {
      const [secret, salt, context] = [randomBytes(32), randomBytes(24), randomBytes(50)];
      const info = Buffer.concat([Buffer.from('label'), context]);
      expect(Buffer.from(hkdf(secret, 'label', { salt, context, length }))).toEqual(
        Buffer.from(hkdfSync('sha256', secret, salt, info, length)),
      );
      expect(Buffer.from(hkdf(secret, 'label'))).toEqual(
        Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), 'label', 32)),
      );
    }
  });
});

describe('X25519', () => {
  it('gives the public keys of RFC 7748, section 6.1', () => {
    const alice = Buffer.from('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a', 'hex');
    expect(Buffer.from(boxPublicKey(alice)).toString('hex')).toBe(
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    );
  });
});

describe('padding', () => {
  it('follows the vectors that blocks follow', () => {
    const vectors = JSON.parse(readFileSync(new URL('../../chunker/vectors/padme.json', import.meta.url), 'utf8')) as [
      number,
      number,
    ][];
    const pairs = vectors.filter(([length]) => length < 2 ** 31);
    expect(pairs.length).toBeGreaterThan(10);
    for (const [length, padded] of pairs) expect(paddedLength(length)).toBe(padded);
  });
});
