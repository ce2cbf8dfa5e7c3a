import { hashRaw, type Algorithm } from '@node-rs/argon2';
import { concatBytes, encodeCbor, fromHex, OnefoldError, type KdfParameters, type UserId } from '@onefold/protocol';
import { boxPublicKey } from './box-keys.ts';
import { hkdf } from './key-derivation.ts';

/** 64 MiB, three passes, one lane. */
export const DEFAULT_KDF: KdfParameters = { algorithm: 'argon2id', memoryKib: 64 * 1024, passes: 3, lanes: 1 };

/** Parameters come from the server: below the floor they make the password cheap to guess, above the ceiling they stall the device. */
const FLOOR = { memoryKib: 64 * 1024, passes: 3 } as const;
const CEILING = { memoryKib: 1024 * 1024, passes: 10, lanes: 16 } as const;

/** A const enum of the library's types, which type stripping cannot read; the golden vector would notice another value. */
const ARGON2ID = 2 as Algorithm.Argon2id;

export const SECRET_KEY_BYTES = 16;
export const SALT_BYTES = 16;

/** What password and Secret Key stand for together. */
export interface LoginKeys {
  /** Proves to the server, which keeps only its hash, that the login is ours; 32 bytes. */
  readonly authKey: Uint8Array;
  /** X25519: opens the user keys sealed for a login. */
  readonly loginBox: { readonly seed: Uint8Array; readonly publicKey: Uint8Array };
}

/**
 * Argon2id(NFKC(password), salt), then HKDF-SHA256(that || Secret Key, salt = account id, info = label || deterministic CBOR of the parameters).
 * Neither half alone gives anything: a server that guesses passwords lacks 128 bits of Secret Key.
 * Throws `kdf-refused` for parameters below 64 MiB, 3 passes or above 1 GiB, 10 passes, 16 lanes.
 */
export async function deriveLogin(input: {
  readonly password: string;
  /** 16 bytes, from the Emergency Kit. */
  readonly secretKey: Uint8Array;
  /** From the Emergency Kit, not from the server. */
  readonly user: UserId;
  readonly salt: Uint8Array;
  readonly kdf: KdfParameters;
}): Promise<LoginKeys> {
  const { password, secretKey, user, salt, kdf } = input;
  requireKdf(kdf);
  if (secretKey.length !== SECRET_KEY_BYTES || salt.length !== SALT_BYTES) {
    throw new OnefoldError('invalid-argument', 'Secret Key and salt have 16 bytes each');
  }
  const stretched = await hashRaw(Buffer.from(password.normalize('NFKC'), 'utf8'), {
    algorithm: ARGON2ID,
    memoryCost: kdf.memoryKib,
    timeCost: kdf.passes,
    parallelism: kdf.lanes,
    outputLen: 32,
    salt: Buffer.from(salt),
  });
  const secret = concatBytes(stretched, secretKey);
  const options = {
    salt: fromHex(user),
    context: encodeCbor([kdf.algorithm, kdf.memoryKib, kdf.passes, kdf.lanes, salt]),
  };
  const seed = hkdf(secret, 'onefold/login/v1/box', options);
  return { authKey: hkdf(secret, 'onefold/login/v1/auth', options), loginBox: { seed, publicKey: boxPublicKey(seed) } };
}

function requireKdf({ algorithm, memoryKib, passes, lanes }: KdfParameters): void {
  const isAccepted =
    (algorithm as string) === 'argon2id' &&
    memoryKib >= FLOOR.memoryKib &&
    passes >= FLOOR.passes &&
    lanes >= 1 &&
    memoryKib <= CEILING.memoryKib &&
    passes <= CEILING.passes &&
    lanes <= CEILING.lanes;
  if (!isAccepted) throw new OnefoldError('kdf-refused', 'the server asks for password parameters that are not safe');
}
