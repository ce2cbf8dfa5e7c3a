import type { DeviceId, GenerationKeys, Hash, Pin, PinNamespaceBody, RootBody, UserId } from '@onefold/protocol';

/** A device as a user's chain tells it. Positions are link numbers. */
export interface ChainDevice {
  readonly signingKey: Uint8Array;
  readonly boxKey: Uint8Array;
  /** Generation of the user keys that `sealedName` is sealed to. */
  readonly generation: number;
  readonly sealedName: Uint8Array;
  readonly addedAt: number;
  readonly revokedAt?: number;
  /** Added by the recovery phrase, or countersigned by an active device: it has seen the history it claims. */
  readonly verified: boolean;
}

/** User keys of one generation and the link that named them. */
export type ChainGeneration = GenerationKeys & { readonly addedAt: number };

/** A user chain whose every link has been checked. Immutable: `extendChain` makes a new one. */
export interface UserChain {
  readonly user: UserId;
  /** Number of links; the last one has n = length - 1. */
  readonly length: number;
  /** Hash of the last link. */
  readonly hash: Hash;
  /** Hash of every link, by position. */
  readonly hashes: readonly Hash[];
  readonly root: RootBody;
  /** Box key of password and Secret Key now in force. */
  readonly loginBoxKey: Uint8Array;
  /** The user keys now in force are those of this generation. */
  readonly generation: number;
  readonly generations: ReadonlyMap<number, ChainGeneration>;
  readonly devices: ReadonlyMap<DeviceId, ChainDevice>;
  readonly namespaces: readonly PinnedNamespace[];
}

export type PinnedNamespace = PinNamespaceBody & { readonly n: number };

/** Was the device added at or before link `atN` and not revoked at or before it? False beyond the chain's end. */
export function isDeviceActive(chain: UserChain, device: DeviceId, atN: number): boolean {
  const known = chain.devices.get(device);
  if (known === undefined || atN >= chain.length || known.addedAt > atN) return false;
  return known.revokedAt === undefined || known.revokedAt > atN;
}

/** Does the pin name a link of this very chain? */
export function isPinOf(chain: UserChain, pin: Pin): boolean {
  return chain.user === pin.user && chain.hashes[pin.n] === pin.hash;
}

/** The generation of user keys in force after link `n`. */
export function generationAt(chain: UserChain, n: number): number {
  let generation = 1;
  for (const keys of chain.generations.values())
    if (keys.addedAt <= n) generation = Math.max(generation, keys.generation);
  return generation;
}
