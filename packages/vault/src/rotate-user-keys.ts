import { chainLink, ed25519Sign, extendChain, isDeviceActive, signLink, type UserChain } from '@onefold/journal';
import { OnefoldError, type DeviceId, type KeyBox, type SignedLink } from '@onefold/protocol';
import { deviceSigner, isOwnChain, type DeviceSecrets } from './device-secrets.ts';
import { systemRandom, type RandomBytes } from './key-derivation.ts';
import { sealDeviceName } from './sealed-names.ts';
import { publicUserKeys, sealUserKeys, userKeysOf, userSigningSeed, type UserKeySeed } from './user-keys.ts';

export interface Rotation {
  readonly links: readonly SignedLink[];
  /** The new user keys for every device that stays, the login and the phrase; with a new login also the older ones, for the login. */
  readonly boxes: readonly KeyBox[];
  /** The chain with these links at its end. */
  readonly chain: UserChain;
  /** What this device holds once the server has taken them. */
  readonly secrets: DeviceSecrets;
}

/**
 * Opens the next generation of user keys, and takes a device out of the account before it or gives the login another box key with it. Neither
 * password nor phrase is needed: their public keys are in the chain. Throws `chain-invalid` for another account's chain, `not-found` for a device
 * that is not active, `invalid-argument` for this one.
 */
export async function rotateUserKeys(input: {
  readonly secrets: DeviceSecrets;
  readonly chain: UserChain;
  readonly revoke?: DeviceId;
  /** Box key of a new password and Secret Key. */
  readonly loginBoxKey?: Uint8Array;
  readonly random?: RandomBytes;
}): Promise<Rotation> {
  const { secrets, chain, revoke, loginBoxKey, random = systemRandom } = input;
  requireOwn(secrets, chain);
  const { user, device } = secrets;
  const byDevice = { signer: { kind: 'device', device }, sign: deviceSigner(secrets) } as const;
  const links: SignedLink[] = [];
  if (revoke !== undefined) {
    if (revoke === device)
      throw new OnefoldError('invalid-argument', 'a device is removed from another device of the account');
    if (!isDeviceActive(chain, revoke, chain.length - 1))
      throw new OnefoldError('not-found', 'the account has no such device');
    links.push(signLink(chainLink(endOf(chain), 'revoke-device', { device: revoke }), [byDevice]));
  }
  const before = extendChain(chain, links);
  const keys: UserKeySeed = { generation: before.generation + 1, seed: random(32) };
  const body = { keys: publicUserKeys(keys), ...(loginBoxKey === undefined ? {} : { loginBoxKey }) };
  const byKeys = {
    signer: { kind: 'generation', generation: keys.generation },
    sign: (message: Uint8Array) => ed25519Sign(userSigningSeed(keys), message),
  } as const;
  const rotate = signLink(chainLink(endOf(before), 'rotate', body), [byDevice, byKeys]);
  links.push(rotate);
  const after = extendChain(before, [rotate]);

  const boxes: KeyBox[] = [];
  if (loginBoxKey !== undefined)
    for (const older of secrets.generations)
      boxes.push(await sealUserKeys(user, older, { kind: 'login' }, loginBoxKey, random));
  boxes.push(await sealUserKeys(user, keys, { kind: 'login' }, after.loginBoxKey, random));
  boxes.push(await sealUserKeys(user, keys, { kind: 'phrase' }, after.root.phraseBoxKey, random));
  for (const [id, { boxKey }] of after.devices)
    if (isDeviceActive(after, id, after.length - 1))
      boxes.push(await sealUserKeys(user, keys, { kind: 'device', device: id }, boxKey, random));
  return { links, boxes, chain: after, secrets: { ...secrets, generations: [...secrets.generations, keys] } };
}

/** Gives a device of the account another name. Throws `chain-invalid`, `not-found`, `key-missing`. */
export async function renameDevice(input: {
  readonly secrets: DeviceSecrets;
  readonly chain: UserChain;
  readonly device: DeviceId;
  readonly name: string;
  readonly random?: RandomBytes;
}): Promise<SignedLink> {
  const { secrets, chain, device, name, random = systemRandom } = input;
  requireOwn(secrets, chain);
  if (!isDeviceActive(chain, device, chain.length - 1))
    throw new OnefoldError('not-found', 'the account has no such device');
  const keys = userKeysOf(secrets.generations, chain.generation);
  const sealedName = await sealDeviceName(secrets.user, keys, device, name, random);
  const body = { device, generation: keys.generation, sealedName };
  return signLink(chainLink(endOf(chain), 'name-device', body), [
    { signer: { kind: 'device', device: secrets.device }, sign: deviceSigner(secrets) },
  ]);
}

/** Says that this device has seen the other one's history, so that it counts as verified. Throws `chain-invalid`, `not-found`. */
export function countersignDevice(input: {
  readonly secrets: DeviceSecrets;
  readonly chain: UserChain;
  readonly device: DeviceId;
}): SignedLink {
  const { secrets, chain, device } = input;
  requireOwn(secrets, chain);
  if (!isDeviceActive(chain, device, chain.length - 1))
    throw new OnefoldError('not-found', 'the account has no such device');
  return signLink(chainLink(endOf(chain), 'countersign', { device }), [
    { signer: { kind: 'device', device: secrets.device }, sign: deviceSigner(secrets) },
  ]);
}

function endOf(chain: UserChain): Parameters<typeof chainLink>[0] {
  return { user: chain.user, n: chain.length, prevHash: chain.hash };
}

function requireOwn(secrets: DeviceSecrets, chain: UserChain): void {
  if (!isOwnChain(secrets, chain)) throw new OnefoldError('chain-invalid', 'the chain is of another account');
}
