import type { ChainDevice, PinnedNamespace } from '@onefold/journal';
import { fromHex, type DeviceId, type NamespaceId, type UserId } from '@onefold/protocol';
import { doesNotOpen } from './committed-aead.ts';
import type { DeviceSecrets } from './device-secrets.ts';
import type { RandomBytes } from './key-derivation.ts';
import { unwrap, wrap, type WrapContext } from './public-key-wrap.ts';
import { publicUserKeys, userBoxSeed, userKeysOf, type UserKeySeed } from './user-keys.ts';

/** Names of devices and namespaces are padded to multiples of this, with a length of four bytes before them. */
const NAME_UNIT_BYTES = 64;
const MAX_NAME_BYTES = 1_024;

/** Seals a device's name to the user keys. */
export function sealDeviceName(
  user: UserId,
  keys: UserKeySeed,
  device: DeviceId,
  name: string,
  random: RandomBytes,
): Promise<Uint8Array> {
  return sealName(keys, nameContext('device-name', user, device, keys.generation), name, random);
}

/** Throws `seal-corrupt`, or `key-missing` without the user keys of that generation. */
export function openDeviceName(
  secrets: DeviceSecrets,
  device: DeviceId,
  sealed: Pick<ChainDevice, 'generation' | 'sealedName'>,
): Promise<string> {
  return openName(secrets, nameContext('device-name', secrets.user, device, sealed.generation), sealed.sealedName);
}

export function sealNamespaceName(
  user: UserId,
  keys: UserKeySeed,
  id: NamespaceId,
  name: string,
  random: RandomBytes,
): Promise<Uint8Array> {
  return sealName(keys, nameContext('namespace-name', user, id, keys.generation), name, random);
}

/** The account's own namespace has the empty name. Throws as `openDeviceName`. */
export function openNamespaceName(
  secrets: DeviceSecrets,
  pinned: Pick<PinnedNamespace, 'namespaceId' | 'generation' | 'sealedName'>,
): Promise<string> {
  return openName(
    secrets,
    nameContext('namespace-name', secrets.user, pinned.namespaceId, pinned.generation),
    pinned.sealedName,
  );
}

function nameContext(
  type: 'device-name' | 'namespace-name',
  user: UserId,
  named: DeviceId | NamespaceId,
  generation: number,
): WrapContext {
  return { type, owner: fromHex(user), recipient: fromHex(named), generation, epoch: 0 };
}

async function sealName(
  keys: UserKeySeed,
  context: WrapContext,
  name: string,
  random: RandomBytes,
): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(name).subarray(0, MAX_NAME_BYTES);
  const padded = new Uint8Array(Math.ceil((4 + bytes.length) / NAME_UNIT_BYTES) * NAME_UNIT_BYTES);
  new DataView(padded.buffer).setUint32(0, bytes.length);
  padded.set(bytes, 4);
  return wrap(publicUserKeys(keys).boxKey, context, padded, random);
}

async function openName(secrets: DeviceSecrets, context: WrapContext, sealed: Uint8Array): Promise<string> {
  const padded = await unwrap(userBoxSeed(userKeysOf(secrets.generations, context.generation)), context, sealed);
  const length = padded.length < 4 ? -1 : new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (length < 0 || length > padded.length - 4) throw doesNotOpen();
  return new TextDecoder().decode(padded.subarray(4, 4 + length));
}
