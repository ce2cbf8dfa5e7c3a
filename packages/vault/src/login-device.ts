import { chainLink, ed25519Sign, extendChain, signLink, verifyChain, type UserChain } from '@onefold/journal';
import { OnefoldError, type AddDeviceRequest, type KeyBox, type LoginResponse, type UserId } from '@onefold/protocol';
import { deviceSigner, isOwnChain, type DeviceSecrets } from './device-secrets.ts';
import { isEqualSecret, systemRandom, type RandomBytes } from './key-derivation.ts';
import { addedDevice, newDeviceSecrets } from './new-device.ts';
import type { LoginKeys } from './password-keys.ts';
import { findBox, openUserKeys, sealUserKeys, userSigningSeed, type UserKeySeed } from './user-keys.ts';

export interface LoggedInDevice {
  readonly request: AddDeviceRequest;
  readonly secrets: DeviceSecrets;
  /** The user's chain with this device as its last link, as it stands once the server has taken the request. */
  readonly chain: UserChain;
}

/**
 * Adds this device to the account with password and Secret Key alone. Nothing of the answer is believed: the chain must be that of `user` (whose id
 * stands for the root's keys), its login box key must be the one just derived, and the opened user keys must be those that the chain names.
 * Throws `chain-invalid` or `seal-corrupt` where they are not, `key-missing` where the server holds a box back.
 */
export async function loginDevice(input: {
  readonly login: LoginResponse;
  /** From the Emergency Kit, not from the server. */
  readonly user: UserId;
  readonly loginBox: LoginKeys['loginBox'];
  readonly deviceName: string;
  readonly random?: RandomBytes;
}): Promise<LoggedInDevice> {
  const { login, user, loginBox, deviceName, random = systemRandom } = input;
  const before = verifyChain(login.links, { user });
  const [rootHash] = before.hashes;
  if (rootHash === undefined || !isEqualSecret(before.loginBoxKey, loginBox.publicKey)) {
    throw new OnefoldError('chain-invalid', 'the account is not the one of this password and Secret Key');
  }
  const generations: UserKeySeed[] = [];
  for (const [generation, keys] of before.generations) {
    generations.push(await openUserKeys(user, findBox(login.boxes, generation, 'login'), loginBox.seed, keys));
  }
  const current = generations.find(({ generation }) => generation === before.generation);
  if (current === undefined) throw new OnefoldError('key-missing', 'the current user keys are not there');

  const secrets = newDeviceSecrets({ user, rootHash, deviceName, generations }, random);
  const { device } = secrets;
  const body = await addedDevice(secrets, current, random);
  const link = signLink(chainLink({ user, n: before.length, prevHash: before.hash }, 'add-device', body), [
    { signer: { kind: 'device', device }, sign: deviceSigner(secrets) },
    {
      signer: { kind: 'generation', generation: current.generation },
      sign: (message) => ed25519Sign(userSigningSeed(current), message),
    },
  ]);
  const box = await sealUserKeys(user, current, { kind: 'device', device }, body.boxKey, random);
  return { request: { loginToken: login.loginToken, link, boxes: [box] }, secrets, chain: extendChain(before, [link]) };
}

/** Opens the user keys of generations this device does not hold yet, after a rotation elsewhere. Throws as `loginDevice`. */
export async function openNewGenerations(
  secrets: DeviceSecrets,
  chain: UserChain,
  boxes: readonly KeyBox[],
): Promise<DeviceSecrets> {
  if (!isOwnChain(secrets, chain)) throw new OnefoldError('chain-invalid', 'the chain is of another account');
  const generations = [...secrets.generations];
  for (const [generation, keys] of chain.generations) {
    if (generations.some((held) => held.generation === generation)) continue;
    const box = findBox(boxes, generation, 'device', secrets.device);
    generations.push(await openUserKeys(secrets.user, box, secrets.boxSeed, keys));
  }
  return { ...secrets, generations };
}
