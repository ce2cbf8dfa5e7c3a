import { chainLink, extendChain, signLink, type UserChain } from '@onefold/journal';
import { chainLinkSchema, encodeWire, OnefoldError, type KeyBox, type SignedLink } from '@onefold/protocol';
import { deviceSigner, isOwnChain, type DeviceSecrets } from './device-secrets.ts';
import { systemRandom, type RandomBytes } from './key-derivation.ts';
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
import { checkWordsOf, createLinkingWords, deriveLinkingSecret } from './linking-words.ts';
import { sealDeviceName } from './sealed-names.ts';
import { sealUserKeys, userKeysOf } from './user-keys.ts';

/** The old device's half of a linking. Every step takes what came from the other device by way of a server that is believed nothing. */
export interface OfferedLinking {
  /** For the person to carry to the new device. */
  readonly words: string;
  readonly rendezvous: Uint8Array;
  /** Message old 0. */
  readonly offer: Uint8Array;
  /** Opens message new 0. Throws `seal-corrupt` for whatever does not come from someone who has the words. */
  accept(request: Uint8Array): AskedLinking;
}

export interface AskedLinking {
  readonly deviceName: string;
  /** What the new device shows, too, if nobody stands between. Nothing is to be approved before a person has compared them. */
  readonly checkWords: string;
  /** Message old 1. */
  readonly reveal: Uint8Array;
  /** The link by which the device joins `chain`, for it to sign: message old 2, and one later each time. */
  propose(secrets: DeviceSecrets, chain: UserChain): Promise<ProposedLink>;
  /** Says that the link stands, in the message after the last proposal. */
  added(chain: UserChain): Uint8Array;
}

export interface ProposedLink {
  readonly message: Uint8Array;
  /** Takes the new device's signature: the whole link, and the user keys sealed to the device. Throws `seal-corrupt`, `chain-invalid`. */
  complete(signed: Uint8Array): { readonly link: SignedLink; readonly boxes: readonly KeyBox[] };
}

/** Throws `chain-invalid` for a chain that is not the device's own. */
export function offerLinking(input: {
  readonly secrets: DeviceSecrets;
  readonly chain: UserChain;
  readonly email: string;
  readonly random?: RandomBytes;
}): OfferedLinking {
  const { secrets, chain, email, random = systemRandom } = input;
  if (!isOwnChain(secrets, chain)) throw new OnefoldError('chain-invalid', 'the chain is of another account');
  const words = createLinkingWords(random);
  const { rendezvous, oldKey, newKey } = deriveLinkingSecret(words);
  const nonce = random(32);
  const offered = {
    format: 1,
    user: secrets.user,
    email,
    deviceName: secrets.deviceName,
    end: { n: chain.length - 1, hash: chain.hash },
    commitment: nonceCommitment(nonce),
  } as const;
  const offer = sealMessage(
    oldKey,
    { side: 'old', index: 0, transcript: transcriptOf() },
    offerSchema,
    offered,
    random,
  );

  function accept(request: Uint8Array): AskedLinking {
    const at = { side: 'new', index: 0, transcript: transcriptOf(offer) } as const;
    const { device, signingKey, boxKey, deviceName } = openMessage(newKey, at, requestSchema, request);
    const revealAt = { side: 'old', index: 1, transcript: transcriptOf(offer, request) } as const;
    const reveal = sealMessage(oldKey, revealAt, revealSchema, { nonce }, random);
    const transcript = transcriptOf(offer, request, reveal);
    let proposals = 0;

    async function propose(own: DeviceSecrets, upon: UserChain): Promise<ProposedLink> {
      if (!isOwnChain(own, upon)) throw new OnefoldError('chain-invalid', 'the chain is of another account');
      const keys = userKeysOf(own.generations, upon.generation);
      const sealedName = await sealDeviceName(own.user, keys, device, deviceName, random);
      const body = { device, signingKey, boxKey, generation: keys.generation, sealedName };
      const link = chainLink({ user: own.user, n: upon.length, prevHash: upon.hash }, 'add-device', body);
      const boxes: KeyBox[] = [];
      for (const generation of own.generations)
        boxes.push(await sealUserKeys(own.user, generation, { kind: 'device', device }, boxKey, random));
      const number = proposals++;
      const decision = { kind: 'sign', link: encodeWire(chainLinkSchema, link) } as const;
      return {
        message: sealMessage(oldKey, { side: 'old', index: 2 + number, transcript }, decisionSchema, decision, random),
        complete(signed) {
          const { signature } = openMessage(
            newKey,
            { side: 'new', index: 1 + number, transcript },
            signedSchema,
            signed,
          );
          const whole = signLink(link, [
            { signer: { kind: 'device', device }, sign: () => signature },
            { signer: { kind: 'device', device: own.device }, sign: deviceSigner(own) },
          ]);
          extendChain(upon, [whole]);
          return { link: whole, boxes };
        },
      };
    }

    return {
      deviceName,
      checkWords: checkWordsOf(transcript),
      reveal,
      propose,
      added(now) {
        const decision = { kind: 'added', end: { n: now.length - 1, hash: now.hash } } as const;
        return sealMessage(oldKey, { side: 'old', index: 2 + proposals, transcript }, decisionSchema, decision, random);
      },
    };
  }

  return { words, rendezvous, offer, accept };
}
