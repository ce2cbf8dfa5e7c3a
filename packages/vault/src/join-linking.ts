import { ed25519PublicKey, signLink, verifyChain, type UserChain } from '@onefold/journal';
import {
  addDeviceBodySchema,
  chainLinkSchema,
  decodeCanonicalWire,
  OnefoldError,
  toHex,
  type DeviceId,
  type Hash,
  type KeyBox,
  type SignedLink,
  type UserId,
} from '@onefold/protocol';
import { deviceBoxKey, deviceSigner, signSession, type DeviceSecrets } from './device-secrets.ts';
import { isEqualSecret, systemRandom, type RandomBytes } from './key-derivation.ts';
import {
  decisionSchema,
  nonceCommitment,
  offerSchema,
  openMessage,
  requestSchema,
  revealSchema,
  sealMessage,
  signedSchema,
  transcriptOf,
} from './linking-messages.ts';
import { checkWordsOf, deriveLinkingSecret } from './linking-words.ts';
import { findBox, openUserKeys, type UserKeySeed } from './user-keys.ts';

/** The new device's half of a linking: what it knows once it has opened the offer that the words lead to. */
export interface JoinedLinking {
  readonly user: UserId;
  readonly email: string;
  /** Name of the old device. */
  readonly oldDeviceName: string;
  readonly device: DeviceId;
  /** Message new 0. */
  readonly request: Uint8Array;
  /** Answers a challenge of the server as this device. */
  readonly signChallenge: (challenge: Uint8Array) => Uint8Array;
  /** Opens message old 1. Throws `seal-corrupt`, also when the old device chose its number after it saw ours. */
  reveal(message: Uint8Array): ConfirmedLinking;
}

export interface ConfirmedLinking {
  readonly checkWords: string;
  /**
   * Takes message old 2 and those after it, in order. `sign` answers message new 1 and on. Throws `seal-corrupt`, and `chain-invalid` for a link that
   * says anything but that this device joins the offered account behind its known end.
   */
  decide(message: Uint8Array): LinkingDecision;
  /**
   * The device's secrets once its link stands. The server's chain must be that of the offered account, contain the end that was offered and end where the
   * old device said, with this device added by an active one; its boxes must hold the user keys the chain names. Throws `chain-invalid`,
   * `journal-rollback`, `seal-corrupt`, `key-missing`.
   */
  finish(
    links: readonly SignedLink[],
    boxes: readonly KeyBox[],
  ): Promise<{ readonly secrets: DeviceSecrets; readonly chain: UserChain }>;
}

export type LinkingDecision =
  { readonly kind: 'sign'; readonly signed: Uint8Array } | { readonly kind: 'added'; readonly n: number };

/** Throws `invalid-argument` for words that are none, `seal-corrupt` for an offer that is not the one of the words. */
export function joinLinking(input: {
  readonly words: string;
  /** Message old 0. */
  readonly offer: Uint8Array;
  readonly deviceName: string;
  readonly random?: RandomBytes;
}): JoinedLinking {
  const { offer, deviceName, random = systemRandom } = input;
  const { oldKey, newKey } = deriveLinkingSecret(input.words);
  const offered = openMessage(oldKey, { side: 'old', index: 0, transcript: transcriptOf() }, offerSchema, offer);
  const { user } = offered;
  const device = toHex(random(16)) as DeviceId;
  const own = { signingSeed: random(32), boxSeed: random(32) };
  const joining = {
    device,
    signingKey: ed25519PublicKey(own.signingSeed),
    boxKey: deviceBoxKey(own),
    deviceName,
    nonce: random(32),
  };
  const at = { side: 'new', index: 0, transcript: transcriptOf(offer) } as const;
  const request = sealMessage(newKey, at, requestSchema, joining, random);

  function reveal(message: Uint8Array): ConfirmedLinking {
    const revealAt = { side: 'old', index: 1, transcript: transcriptOf(offer, request) } as const;
    const { nonce } = openMessage(oldKey, revealAt, revealSchema, message);
    if (!isEqualSecret(nonceCommitment(nonce), offered.commitment))
      throw new OnefoldError('seal-corrupt', 'the other device changed its number after it had seen ours');
    const transcript = transcriptOf(offer, request, message);
    let decisions = 0;
    let end: { readonly n: number; readonly hash: Hash } | null = null;

    function decide(told: Uint8Array): LinkingDecision {
      const number = decisions++;
      const decision = openMessage(oldKey, { side: 'old', index: 2 + number, transcript }, decisionSchema, told);
      if (decision.kind === 'added') {
        end = decision.end;
        return { kind: 'added', n: decision.end.n };
      }
      const link = decodeCanonicalWire(chainLinkSchema, decision.link, 'chain-invalid');
      const body = addDeviceBodySchema.safeParse(link.body);
      const isOurs =
        link.type === 'add-device' &&
        link.user === user &&
        link.n > offered.end.n &&
        body.success &&
        body.data.device === device &&
        isEqualSecret(body.data.signingKey, joining.signingKey) &&
        isEqualSecret(body.data.boxKey, joining.boxKey);
      if (!isOurs)
        throw new OnefoldError('chain-invalid', 'the other device asks for another signature than was agreed');
      const [ours] = signLink(link, [{ signer: { kind: 'device', device }, sign: deviceSigner(own) }]).signatures;
      if (ours === undefined) throw new OnefoldError('internal', 'a link was not signed');
      const signedAt = { side: 'new', index: 1 + number, transcript } as const;
      return {
        kind: 'sign',
        signed: sealMessage(newKey, signedAt, signedSchema, { signature: ours.signature }, random),
      };
    }

    async function finish(links: readonly SignedLink[], boxes: readonly KeyBox[]) {
      const chain = verifyChain(links, { user });
      const [rootHash] = chain.hashes;
      const isContinued =
        chain.hashes[offered.end.n] === offered.end.hash && end !== null && chain.hashes[end.n] === end.hash;
      if (rootHash === undefined || !isContinued)
        throw new OnefoldError('journal-rollback', 'the server’s chain is not the one the other device knows');
      const added = chain.devices.get(device);
      if (added?.revokedAt !== undefined || added === undefined || !isEqualSecret(added.boxKey, joining.boxKey))
        throw new OnefoldError('chain-invalid', 'this device is not in the account’s chain');
      const generations: UserKeySeed[] = [];
      for (const [generation, keys] of chain.generations)
        generations.push(await openUserKeys(user, findBox(boxes, generation, 'device', device), own.boxSeed, keys));
      return { secrets: { user, rootHash, device, deviceName, ...own, generations }, chain };
    }

    return { checkWords: checkWordsOf(transcript), decide, finish };
  }

  const { email, deviceName: oldDeviceName } = offered;
  return {
    user,
    email,
    oldDeviceName,
    device,
    request,
    signChallenge: (challenge) => signSession(own, challenge),
    reveal,
  };
}
