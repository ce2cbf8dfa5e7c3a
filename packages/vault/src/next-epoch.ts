import type { EpochBody, UserId } from '@onefold/protocol';
import { systemRandom, type RandomBytes } from './key-derivation.ts';
import {
  currentEpochOf,
  epochCommitment,
  epochSecretOf,
  sealEpochSecret,
  sealPreviousEpoch,
  type NamespaceSecrets,
} from './namespace-secrets.ts';

/**
 * Draws the secret of the next epoch and seals it to every member. Only the members keep it: the author, too, opens it from the entry once that is
 * committed. Throws `key-missing` without the current one.
 */
export async function composeNextEpoch(
  held: NamespaceSecrets,
  members: readonly { readonly user: UserId; readonly generation: number; readonly boxKey: Uint8Array }[],
  random: RandomBytes = systemRandom,
): Promise<EpochBody> {
  const current = currentEpochOf(held);
  const at = { namespaceId: held.namespaceId, epoch: current + 1 };
  const secret = random(32);
  const secrets = await Promise.all(members.map((member) => sealEpochSecret(member, at, secret, random)));
  return {
    epoch: at.epoch,
    commitment: epochCommitment(at.epoch, secret, held.lifetime),
    previous: sealPreviousEpoch(at, secret, epochSecretOf(held, current), random),
    secrets,
  };
}
