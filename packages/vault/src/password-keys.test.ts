import * as crypto from 'node:crypto';
import { encodeCbor, fromHex, type KdfParameters, type UserId } from '@onefold/protocol';
import { describe, expect, it } from 'vitest';
import { boxPublicKey } from './box-keys.ts';
import { DEFAULT_KDF, deriveLogin } from './password-keys.ts';
import { codeOfAsync, fixedRandom } from './vault-fixture.ts';

const INPUT = {
  password: 'pässwörd',
  secretKey: fixedRandom('secret key')(16),
  user: '0a'.repeat(16) as UserId,
  salt: fixedRandom('salt')(16),
  kdf: DEFAULT_KDF,
};

const derive = (patch: Partial<typeof INPUT> = {}) => deriveLogin({ ...INPUT, ...patch });
const kdf = (patch: Partial<KdfParameters>) => ({ ...DEFAULT_KDF, ...patch });

describe('password and Secret Key', () => {
  it('derive the same keys every time, whichever way the password is composed', async () => {
    const first = await derive({ password: 'p\u00e4ss\ufb01' });
    expect(await derive({ password: 'pa\u0308ssfi' })).toEqual(first);
    expect(first.loginBox.publicKey).toEqual(boxPublicKey(first.loginBox.seed));
    expect(first.authKey).not.toEqual(first.loginBox.seed);
  });

  it('derive other keys when anything is different', async () => {
    const first = await derive();
    const others = [
      { password: 'pässwörD' },
      { secretKey: fixedRandom('another')(16) },
      { user: '0b'.repeat(16) as UserId },
      { salt: fixedRandom('another salt')(16) },
      { kdf: kdf({ passes: 4 }) },
    ];
    for (const patch of others) {
      const other = await derive(patch);
      expect(other.authKey).not.toEqual(first.authKey);
      expect(other.loginBox.seed).not.toEqual(first.loginBox.seed);
    }
  });

  it('are stretched by the Argon2id of the platform, and combined as documented', async () => {
    const { argon2Sync } = crypto as unknown as { argon2Sync?: (algorithm: string, parameters: object) => Buffer };
    if (argon2Sync === undefined) throw new Error('this test needs the Argon2 of Node 24');
    const parameters = {
      message: Buffer.from('pässwörd'.normalize('NFKC')),
      nonce: INPUT.salt,
      parallelism: 1,
      tagLength: 32,
      memory: 65_536,
      passes: 3,
    };
    const secret = Buffer.concat([argon2Sync('argon2id', parameters), INPUT.secretKey]);
    const context = encodeCbor(['argon2id', 65_536, 3, 1, INPUT.salt]);
    const expected = (label: string) =>
      new Uint8Array(
        crypto.hkdfSync('sha256', secret, fromHex(INPUT.user), Buffer.concat([Buffer.from(label), context]), 32),
      );
    const { authKey, loginBox } = await derive();
    expect(authKey).toEqual(expected('onefold/login/v1/auth'));
    expect(loginBox.seed).toEqual(expected('onefold/login/v1/box'));
  });
});

describe('parameters from the server', () => {
  it.each([
    ['too little memory', kdf({ memoryKib: 64 * 1024 - 1 })],
    ['too few passes', kdf({ passes: 2 })],
    ['no lane', kdf({ lanes: 0 })],
    ['too much memory', kdf({ memoryKib: 1024 * 1024 + 1 })],
    ['too many passes', kdf({ passes: 11 })],
    ['too many lanes', kdf({ lanes: 17 })],
    ['another algorithm', kdf({ algorithm: 'argon2i' as 'argon2id' })],
  ])('are refused with %s', async (_what, refused) => {
    expect(await codeOfAsync(() => derive({ kdf: refused }))).toBe('kdf-refused');
  });

  it('are accepted at the floor', async () => {
    expect(await codeOfAsync(() => derive({ kdf: kdf({ memoryKib: 64 * 1024, passes: 3 }) }))).toBe('no error');
  });

  it('must have a salt of full length', async () => {
    expect(await codeOfAsync(() => derive({ salt: new Uint8Array(8) }))).toBe('invalid-argument');
    expect(await codeOfAsync(() => derive({ secretKey: new Uint8Array(8) }))).toBe('invalid-argument');
  });
});
