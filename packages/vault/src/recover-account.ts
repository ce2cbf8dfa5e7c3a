import { chainLink, ed25519Sign, signLink, verifyChain, type UserChain } from '@onefold/journal';
import { OnefoldError, type KeyBox, type RecoverRequest, type SignedLink } from '@onefold/protocol';
import type { NewLogin } from './change-login.ts';
import { deviceSigner, type DeviceSecrets } from './device-secrets.ts';
import { isEqualSecret, systemRandom, type RandomBytes } from './key-derivation.ts';
import { addedDevice, newDeviceSecrets } from './new-device.ts';
import type { PhraseKeys } from './recovery-phrase.ts';
import { findBox, openUserKeys, publicUserKeys, sealUserKeys, userSigningSeed, type UserKeySeed } from './user-keys.ts';

export interface Recovery {
  readonly request: Pick<RecoverRequest, 'link' | 'boxes' | 'login'>;
  /** What this device holds once the server has taken the request. */
  readonly secrets: DeviceSecrets;
}

/** The chain that the server shows to whoever has the phrase: its root must be the phrase's own. Throws `chain-invalid`. */
export function verifyRecoveredChain(links: readonly SignedLink[], phrase: PhraseKeys): UserChain {
  const chain = verifyChain(links);
  const { phraseSigningKey, phraseBoxKey } = chain.root;
  if (!isEqualSecret(phraseSigningKey, phrase.signing.publicKey) || !isEqualSecret(phraseBoxKey, phrase.box.publicKey))
    throw new OnefoldError('chain-invalid', 'the account is not the one of this recovery phrase');
  return chain;
}

/**
 * Takes an account over with its recovery phrase: this device, new user keys and a new login come in, every other device goes. Whoever stole one, or the
 * password, is out; the phrase stays. Throws `seal-corrupt`, `key-missing` where the server holds a box back.
 */
export async function recoverAccount(input: {
  readonly phrase: PhraseKeys;
  /** Of verifyRecoveredChain. */
  readonly chain: UserChain;
  readonly boxes: readonly KeyBox[];
  readonly login: NewLogin;
  readonly deviceName: string;
  readonly random?: RandomBytes;
}): Promise<Recovery> {
  const { phrase, chain, boxes: given, login, deviceName, random = systemRandom } = input;
  const { user } = chain;
  const [rootHash] = chain.hashes;
  if (rootHash === undefined) throw new OnefoldError('chain-invalid', 'a chain begins with a root');
  const older: UserKeySeed[] = [];
  for (const [generation, expected] of chain.generations)
    older.push(await openUserKeys(user, findBox(given, generation, 'phrase'), phrase.box.seed, expected));
  const keys: UserKeySeed = { generation: chain.generation + 1, seed: random(32) };
  const generations = [...older, keys];
  const secrets = newDeviceSecrets({ user, rootHash, deviceName, generations }, random);
  const { device } = secrets;
  const added = await addedDevice(secrets, keys, random);
  const body = {
    validUpTo: chain.length - 1,
    keys: publicUserKeys(keys),
    loginBoxKey: login.loginBoxKey,
    device: added,
    keep: [],
  };
  const link = signLink(chainLink({ user, n: chain.length, prevHash: chain.hash }, 'recover', body), [
    { signer: { kind: 'phrase' }, sign: (message) => ed25519Sign(phrase.signing.seed, message) },
    { signer: { kind: 'device', device }, sign: deviceSigner(secrets) },
    {
      signer: { kind: 'generation', generation: keys.generation },
      sign: (message) => ed25519Sign(userSigningSeed(keys), message),
    },
  ]);
  const boxes: KeyBox[] = [];
  for (const one of generations)
    boxes.push(await sealUserKeys(user, one, { kind: 'login' }, login.loginBoxKey, random));
  boxes.push(await sealUserKeys(user, keys, { kind: 'phrase' }, phrase.box.publicKey, random));
  boxes.push(await sealUserKeys(user, keys, { kind: 'device', device }, added.boxKey, random));
  return { request: { link, boxes, login: login.login }, secrets };
}
