import { describe, expect, it } from 'vitest';
import { boxPublicKey } from './box-keys.ts';
import { openCommitted, sealCommitted } from './committed-aead.ts';
import { unwrap, wrap, type WrapContext } from './public-key-wrap.ts';
import { codeOf, codeOfAsync, fixedRandom, flips } from './vault-fixture.ts';

const SEED = fixedRandom('recipient')(32);
const SECRET = fixedRandom('secret')(32);
const CONTEXT: WrapContext = {
  type: 'user-keys',
  owner: new Uint8Array(16).fill(1),
  recipient: new Uint8Array(16).fill(2),
  generation: 1,
  epoch: 0,
};
const random = fixedRandom('wrap');

describe('a wrap to a public key', async () => {
  const sealed = await wrap(boxPublicKey(SEED), CONTEXT, SECRET, random);

  it('opens for its recipient and context', async () => {
    expect(await unwrap(SEED, CONTEXT, sealed)).toEqual(SECRET);
    expect(sealed.length).toBe(1 + 32 + 32 + 32 + 16);
  });

  it('does not open with any byte changed, cut off or added', { timeout: 120_000 }, async () => {
    for (const changed of flips(sealed)) {
      expect(await codeOfAsync(() => unwrap(SEED, CONTEXT, changed))).toBe('seal-corrupt');
    }
    for (const length of [0, 1, 64, 65, 80, sealed.length - 1]) {
      expect(await codeOfAsync(() => unwrap(SEED, CONTEXT, sealed.subarray(0, length)))).toBe('seal-corrupt');
    }
    expect(await codeOfAsync(() => unwrap(SEED, CONTEXT, Buffer.concat([sealed, Buffer.alloc(1)])))).toBe(
      'seal-corrupt',
    );
  });

  it('does not open in any other context', async () => {
    const others: Partial<WrapContext>[] = [
      { type: 'device-name' },
      { owner: new Uint8Array(16).fill(3) },
      { recipient: new Uint8Array(16).fill(3) },
      { recipient: 'login' },
      { recipient: 'phrase' },
      { generation: 2 },
      { epoch: 1 },
    ];
    for (const patch of others)
      expect(await codeOfAsync(() => unwrap(SEED, { ...CONTEXT, ...patch }, sealed))).toBe('seal-corrupt');
  });

  it('does not open for anybody else', async () => {
    expect(await codeOfAsync(() => unwrap(fixedRandom('other')(32), CONTEXT, sealed))).toBe('seal-corrupt');
  });

  it('is made fresh every time', async () => {
    expect(await wrap(boxPublicKey(SEED), CONTEXT, SECRET, random)).not.toEqual(sealed);
  });

  it('carries its commitment: the ciphertext of one wrap under the commitment of another does not open', async () => {
    const other = await wrap(boxPublicKey(SEED), CONTEXT, SECRET, random);
    const mixed = Buffer.concat([sealed.subarray(0, 33), other.subarray(33, 65), sealed.subarray(65)]);
    expect(await codeOfAsync(() => unwrap(SEED, CONTEXT, mixed))).toBe('seal-corrupt');
  });
});

describe('a committed seal', () => {
  const context = Buffer.from('context');
  const sealed = sealCommitted(SECRET, context, Buffer.from('plaintext'), random);

  it('opens with its secret and context alone', () => {
    expect(Buffer.from(openCommitted(SECRET, context, sealed)).toString()).toBe('plaintext');
    expect(codeOf(() => openCommitted(fixedRandom('other')(32), context, sealed))).toBe('seal-corrupt');
    expect(codeOf(() => openCommitted(SECRET, Buffer.from('Context'), sealed))).toBe('seal-corrupt');
    for (const changed of flips(sealed))
      expect(codeOf(() => openCommitted(SECRET, context, changed))).toBe('seal-corrupt');
  });

  it('commits to its key: with the commitment of another secret put in, that secret does not open it', () => {
    const nonce = sealed.subarray(1, 25);
    const other = sealCommitted(fixedRandom('other')(32), context, Buffer.from('plaintext'), () => nonce.slice());
    const mixed = Buffer.concat([other.subarray(0, 57), sealed.subarray(57)]);
    expect(codeOf(() => openCommitted(fixedRandom('other')(32), context, mixed))).toBe('seal-corrupt');
    const back = Buffer.concat([sealed.subarray(0, 25), other.subarray(25, 57), sealed.subarray(57)]);
    expect(codeOf(() => openCommitted(SECRET, context, back))).toBe('seal-corrupt');
  });
});
