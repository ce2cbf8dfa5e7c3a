import { ed25519PublicKey } from '@onefold/journal';
import { fromHex, OnefoldError, type DeviceId, type GenerationKeys, type KeyBox, type UserId } from '@onefold/protocol';
import { boxPublicKey } from './box-keys.ts';
import { doesNotOpen } from './committed-aead.ts';
import { hkdf, isEqualSecret, type RandomBytes } from './key-derivation.ts';
import { unwrap, wrap, type WrapContext } from './public-key-wrap.ts';

/** The private user keys of one generation (PUK_g): a random seed of 32 bytes from which both keys follow. */
export interface UserKeySeed {
  readonly generation: number;
  readonly seed: Uint8Array;
}

export function userBoxSeed({ seed }: UserKeySeed): Uint8Array {
  return hkdf(seed, 'onefold/user-keys/v1/box');
}

export function userSigningSeed({ seed }: UserKeySeed): Uint8Array {
  return hkdf(seed, 'onefold/user-keys/v1/sign');
}

export function publicUserKeys(keys: UserKeySeed): GenerationKeys {
  const boxKey = boxPublicKey(userBoxSeed(keys));
  return { generation: keys.generation, boxKey, signingKey: ed25519PublicKey(userSigningSeed(keys)) };
}

/** The keys of a generation among those held. Throws `key-missing`. */
export function userKeysOf(held: readonly UserKeySeed[], generation: number): UserKeySeed {
  const found = held.find((keys) => keys.generation === generation);
  if (found === undefined) throw new OnefoldError('key-missing', `user keys of generation ${generation} are not here`);
  return found;
}

/** Seals the seed to one recipient's X25519 public key. */
export async function sealUserKeys(
  user: UserId,
  keys: UserKeySeed,
  recipient: KeyBox['recipient'],
  publicKey: Uint8Array,
  random: RandomBytes,
): Promise<KeyBox> {
  const context = boxContext(user, keys.generation, recipient);
  return { generation: keys.generation, recipient, sealed: await wrap(publicKey, context, keys.seed, random) };
}

/**
 * Opens a box and accepts the seed only if it derives the public keys that the verified chain names: anyone can seal to a public key, so an
 * opened box alone proves nothing. Throws `seal-corrupt`.
 */
export async function openUserKeys(
  user: UserId,
  box: KeyBox,
  recipientSeed: Uint8Array,
  expected: GenerationKeys | undefined,
): Promise<UserKeySeed> {
  const seed = await unwrap(recipientSeed, boxContext(user, box.generation, box.recipient), box.sealed);
  if (expected?.generation !== box.generation) throw doesNotOpen();
  const keys = { generation: box.generation, seed };
  const found = publicUserKeys(keys);
  const isExpected =
    isEqualSecret(found.boxKey, expected.boxKey) && isEqualSecret(found.signingKey, expected.signingKey);
  if (!isExpected) throw doesNotOpen();
  return keys;
}

/** The box of a generation for a recipient. Throws `key-missing`. */
export function findBox(
  boxes: readonly KeyBox[],
  generation: number,
  kind: KeyBox['recipient']['kind'],
  device?: DeviceId,
): KeyBox {
  const found = boxes.find(
    (box) =>
      box.generation === generation &&
      box.recipient.kind === kind &&
      (box.recipient.kind !== 'device' || box.recipient.device === device),
  );
  if (found === undefined)
    throw new OnefoldError('key-missing', `there is no box of generation ${generation} for this ${kind}`);
  return found;
}

function boxContext(user: UserId, generation: number, recipient: KeyBox['recipient']): WrapContext {
  const to = recipient.kind === 'device' ? fromHex(recipient.device) : recipient.kind;
  return { type: 'user-keys', owner: fromHex(user), recipient: to, generation, epoch: 0 };
}
