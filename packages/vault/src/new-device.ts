import { ed25519PublicKey } from '@onefold/journal';
import { toHex, type DeviceId } from '@onefold/protocol';
import { deviceBoxKey, type DeviceSecrets } from './device-secrets.ts';
import type { RandomBytes } from './key-derivation.ts';
import { sealDeviceName } from './sealed-names.ts';
import type { UserKeySeed } from './user-keys.ts';

/** A device that is to be added to an account, with keys of its own. */
export function newDeviceSecrets(
  known: Pick<DeviceSecrets, 'user' | 'rootHash' | 'deviceName' | 'generations'>,
  random: RandomBytes,
): DeviceSecrets {
  const device = toHex(random(16)) as DeviceId;
  return { ...known, device, signingSeed: random(32), boxSeed: random(32) };
}

/** How the chain adds a device: its public keys, and its name as `keys`, the user's current ones, seal it. */
export async function addedDevice(secrets: DeviceSecrets, keys: UserKeySeed, random: RandomBytes) {
  const { user, device, deviceName } = secrets;
  return {
    device,
    signingKey: ed25519PublicKey(secrets.signingSeed),
    boxKey: deviceBoxKey(secrets),
    generation: keys.generation,
    sealedName: await sealDeviceName(user, keys, device, deviceName, random),
  };
}
