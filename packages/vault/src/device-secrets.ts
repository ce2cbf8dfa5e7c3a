import { ed25519Sign, type UserChain } from '@onefold/journal';
import {
  deviceIdCodec,
  encodeWire,
  fixedBytes,
  hashCodec,
  userIdCodec,
  type DeviceId,
  type Hash,
  type UserId,
} from '@onefold/protocol';
import { z } from 'zod';
import { boxPublicKey } from './box-keys.ts';
import { decodeStored } from './stored-secrets.ts';
import type { UserKeySeed } from './user-keys.ts';

/** Everything secret that a device keeps. The key store holds it as the bytes of `encodeDeviceSecrets`. */
export interface DeviceSecrets {
  readonly user: UserId;
  /** Hash of link 0 of the user's chain: no other chain is ever accepted. */
  readonly rootHash: Hash;
  readonly device: DeviceId;
  readonly deviceName: string;
  /** Ed25519, 32 bytes. */
  readonly signingSeed: Uint8Array;
  /** X25519, 32 bytes. */
  readonly boxSeed: Uint8Array;
  readonly generations: readonly UserKeySeed[];
}

const secretsSchema = z.object({
  format: z.literal(1),
  user: userIdCodec,
  rootHash: hashCodec,
  device: deviceIdCodec,
  deviceName: z.string(),
  signingSeed: fixedBytes(32),
  boxSeed: fixedBytes(32),
  generations: z.array(z.object({ generation: z.int().min(1), seed: fixedBytes(32) })).min(1),
});

/** Unsealed bytes: whoever has them is the device. */
export function encodeDeviceSecrets(secrets: DeviceSecrets): Uint8Array {
  return encodeWire(secretsSchema, { format: 1, ...secrets, generations: [...secrets.generations] });
}

/** Throws `state-corrupt`. */
export function decodeDeviceSecrets(bytes: Uint8Array): DeviceSecrets {
  const { format: _, ...secrets } = decodeStored(secretsSchema, bytes);
  return secrets;
}

/** Signs with the device's key; hand it to `signEntry`, `composeEntry` and `signLink`. */
export function deviceSigner(secrets: Pick<DeviceSecrets, 'signingSeed'>): (message: Uint8Array) => Uint8Array {
  return (message) => ed25519Sign(secrets.signingSeed, message);
}

/** Proves to the server that this device asks: Ed25519 over "onefold/session/v1" || challenge (32 bytes). */
export function signSession(secrets: Pick<DeviceSecrets, 'signingSeed'>, challenge: Uint8Array): Uint8Array {
  return ed25519Sign(secrets.signingSeed, Buffer.concat([Buffer.from('onefold/session/v1', 'ascii'), challenge]));
}

/** The device's own public box key. */
export function deviceBoxKey(secrets: Pick<DeviceSecrets, 'boxSeed'>): Uint8Array {
  return boxPublicKey(secrets.boxSeed);
}

/** Is this the chain the device was made for? A verified chain of another root is somebody else's. */
export function isOwnChain(secrets: DeviceSecrets, chain: UserChain): boolean {
  return chain.user === secrets.user && chain.hashes[0] === secrets.rootHash;
}
