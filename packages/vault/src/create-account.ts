import { chainLink, ed25519Sign, extendChain, NO_HASH, signLink, userIdOf, verifyChain } from '@onefold/journal';
import type { CreateAccountRequest, KdfParameters } from '@onefold/protocol';
import { createNamespace, type NewNamespace } from './create-namespace.ts';
import { deviceSigner, type DeviceSecrets } from './device-secrets.ts';
import type { EmergencyKit } from './emergency-kit.ts';
import { systemRandom, type RandomBytes } from './key-derivation.ts';
import { addedDevice, newDeviceSecrets } from './new-device.ts';
import { DEFAULT_KDF, deriveLogin, SALT_BYTES, SECRET_KEY_BYTES } from './password-keys.ts';
import { derivePhraseKeys, formatRecoveryPhrase, PHRASE_BYTES } from './recovery-phrase.ts';
import { publicUserKeys, sealUserKeys } from './user-keys.ts';

export interface NewAccount {
  readonly request: CreateAccountRequest;
  readonly secrets: DeviceSecrets;
  readonly namespace: NewNamespace;
  readonly kit: EmergencyKit;
  /** 24 words. Shown once, kept by the person alone. */
  readonly recoveryPhrase: string;
}

/** Makes an account, its first device and its own namespace. Talks to nobody. */
export async function createAccount(input: {
  readonly email: string;
  readonly password: string;
  readonly deviceName: string;
  readonly serverUrl: string;
  readonly kdf?: KdfParameters;
  readonly random?: RandomBytes;
}): Promise<NewAccount> {
  const { email, password, deviceName, serverUrl, kdf = DEFAULT_KDF, random = systemRandom } = input;
  const entropy = random(PHRASE_BYTES);
  const phrase = derivePhraseKeys(entropy);
  const userKeys = { generation: 1, seed: random(32) };
  const keys = publicUserKeys(userKeys);
  const named = { phraseSigningKey: phrase.signing.publicKey, phraseBoxKey: phrase.box.publicKey, keys };
  const user = userIdOf(named);

  const secretKey = random(SECRET_KEY_BYTES);
  const salt = random(SALT_BYTES);
  const login = await deriveLogin({ password, secretKey, user, salt, kdf });
  const byPhrase = {
    signer: { kind: 'phrase' },
    sign: (message: Uint8Array) => ed25519Sign(phrase.signing.seed, message),
  } as const;
  const rootBody = { ...named, loginBoxKey: login.loginBox.publicKey };
  const root = signLink(chainLink({ user, n: 0, prevHash: NO_HASH }, 'root', rootBody), [byPhrase]);
  const rootChain = verifyChain([root], { user });

  const secrets = newDeviceSecrets({ user, rootHash: rootChain.hash, deviceName, generations: [userKeys] }, random);
  const { device } = secrets;
  const addBody = await addedDevice(secrets, userKeys, random);
  const byDevice = { signer: { kind: 'device', device }, sign: deviceSigner(secrets) } as const;
  const add = signLink(chainLink({ user, n: 1, prevHash: rootChain.hash }, 'add-device', addBody), [
    byPhrase,
    byDevice,
  ]);
  const namespace = await createNamespace({ secrets, chain: extendChain(rootChain, [add]), name: null, random });

  const boxes = [
    await sealUserKeys(user, userKeys, { kind: 'login' }, login.loginBox.publicKey, random),
    await sealUserKeys(user, userKeys, { kind: 'phrase' }, phrase.box.publicKey, random),
    await sealUserKeys(user, userKeys, { kind: 'device', device }, addBody.boxKey, random),
  ];
  const links = [root, add, namespace.link];
  const authKeys = { authKey: login.authKey, recoveryAuthKey: phrase.authKey };
  const request: CreateAccountRequest = {
    user,
    email,
    salt,
    kdf,
    ...authKeys,
    links,
    boxes,
    genesis: namespace.genesis,
  };
  const kit: EmergencyKit = { server: serverUrl, email, user, secretKey };
  return { request, secrets, namespace, kit, recoveryPhrase: formatRecoveryPhrase(entropy) };
}
