import type { AppendChainRequest, KdfParameters, UserId } from '@onefold/protocol';
import { systemRandom, type RandomBytes } from './key-derivation.ts';
import { DEFAULT_KDF, deriveLogin, SALT_BYTES, SECRET_KEY_BYTES } from './password-keys.ts';

export interface NewLogin {
  /** 16 bytes, for a new Emergency Kit. */
  readonly secretKey: Uint8Array;
  /** Goes into the `rotate` or `recover` link. */
  readonly loginBoxKey: Uint8Array;
  /** What the server gets to know. */
  readonly login: NonNullable<AppendChainRequest['login']>;
}

/** A new password together with a new Secret Key: a device keeps neither, so neither can stay what it was without the person. */
export async function createLogin(input: {
  readonly user: UserId;
  readonly password: string;
  readonly kdf?: KdfParameters;
  readonly random?: RandomBytes;
}): Promise<NewLogin> {
  const { user, password, kdf = DEFAULT_KDF, random = systemRandom } = input;
  const secretKey = random(SECRET_KEY_BYTES);
  const salt = random(SALT_BYTES);
  const { authKey, loginBox } = await deriveLogin({ password, secretKey, user, salt, kdf });
  return { secretKey, loginBoxKey: loginBox.publicKey, login: { salt, kdf, authKey } };
}
