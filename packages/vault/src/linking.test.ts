import { extendChain, isDeviceActive, type UserChain } from '@onefold/journal';
import { chainLinkSchema, decodeCanonicalWire, encodeWire, type KeyBox, type SignedLink } from '@onefold/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { openNewGenerations } from './login-device.ts';
import { joinLinking, type ConfirmedLinking, type JoinedLinking } from './join-linking.ts';
import { createLinkingWords, deriveLinkingSecret, parseLinkingWords } from './linking-words.ts';
import {
  decisionSchema,
  nonceCommitment,
  offerSchema,
  openMessage,
  requestSchema,
  revealSchema,
  sealMessage,
  transcriptOf,
} from './linking-messages.ts';
import { offerLinking, type AskedLinking, type OfferedLinking } from './offer-linking.ts';
import { rotateUserKeys } from './rotate-user-keys.ts';
import { systemRandom } from './key-derivation.ts';
import { chainOf, codeOf, codeOfAsync, newAccount } from './vault-fixture.ts';
import type { NewAccount } from './create-account.ts';

let account: NewAccount;
let stranger: NewAccount;
let chain: UserChain;

beforeAll(async () => {
  account = await newAccount('linking');
  stranger = await newAccount('linking stranger');
  chain = chainOf(account.request);
}, 60_000);

interface Exchange {
  readonly offered: OfferedLinking;
  readonly joined: JoinedLinking;
  readonly asked: AskedLinking;
  readonly confirmed: ConfirmedLinking;
}

function offer(): OfferedLinking {
  return offerLinking({ secrets: account.secrets, chain, email: 'linking@example.org' });
}

/** As far as the check words, over an honest server. */
function exchange(): Exchange {
  const offered = offer();
  const joined = joinLinking({ words: offered.words, offer: offered.offer, deviceName: 'Desktop' });
  const asked = offered.accept(joined.request);
  return { offered, joined, asked, confirmed: joined.reveal(asked.reveal) };
}

async function approve({ asked, confirmed }: Exchange, upon = chain, secrets = account.secrets) {
  const proposed = await asked.propose(secrets, upon);
  const decision = confirmed.decide(proposed.message);
  if (decision.kind !== 'sign') throw new Error('a link to sign');
  const { link, boxes } = proposed.complete(decision.signed);
  return { link, boxes, after: extendChain(upon, [link]) };
}

const given = (links: readonly SignedLink[]) => [...account.request.links, ...links];

describe('a linking', () => {
  it('ends with a verified device that holds every user key', async () => {
    const rotation = await rotateUserKeys({ secrets: account.secrets, chain });
    const offered = offerLinking({ secrets: rotation.secrets, chain: rotation.chain, email: 'a@b.c' });
    const joined = joinLinking({ words: offered.words, offer: offered.offer, deviceName: 'Desktop' });
    const asked = offered.accept(joined.request);
    const confirmed = joined.reveal(asked.reveal);
    expect(asked.checkWords).toBe(confirmed.checkWords);
    expect(asked.checkWords.split(' ')).toHaveLength(4);
    expect(asked.deviceName).toBe('Desktop');
    expect([joined.email, joined.oldDeviceName]).toEqual(['a@b.c', 'Laptop']);
    const { link, boxes, after } = await approve(
      { offered, joined, asked, confirmed },
      rotation.chain,
      rotation.secrets,
    );
    expect(confirmed.decide(asked.added(after))).toEqual({ kind: 'added', n: after.length - 1 });
    const made = await confirmed.finish(given([...rotation.links, link]), boxes);
    expect(made.chain.hash).toBe(after.hash);
    expect(made.chain.devices.get(joined.device)?.verified).toBe(true);
    expect(made.secrets.generations.map(({ generation }) => generation)).toEqual([1, 2]);
    expect(await openNewGenerations(made.secrets, made.chain, boxes)).toEqual(made.secrets);
  });

  it('goes on when the chain grew before the link was taken', async () => {
    const all = exchange();
    const { asked, confirmed, joined } = all;
    await approve(all);
    const rotation = await rotateUserKeys({ secrets: account.secrets, chain });
    const { link, boxes, after } = await approve(all, rotation.chain, rotation.secrets);
    confirmed.decide(asked.added(after));
    const made = await confirmed.finish(given([...rotation.links, link]), boxes);
    expect(isDeviceActive(made.chain, joined.device, made.chain.length - 1)).toBe(true);
  });
});

describe('the words', () => {
  it('are understood however they are written, and one that is none is named', () => {
    const words = createLinkingWords(systemRandom);
    expect(words.split(' ')).toHaveLength(8);
    expect(parseLinkingWords(`  ${words.toUpperCase().replaceAll(' ', ', ')}\n`)).toBe(words);
    expect(() => parseLinkingWords(words.replace(/^\w+/, 'onefold'))).toThrow('"onefold" is none of the words');
    expect(() => parseLinkingWords(words.split(' ').slice(1).join(' '))).toThrow('these are 7 words, not 8');
  });

  it('carry all of their 88 bits', () => {
    const seen = new Set<string>();
    for (let bit = 0; bit < 88; bit++) {
      const secret = new Uint8Array(11);
      secret[bit >> 3] = 128 >> (bit & 7);
      const words = createLinkingWords(() => secret);
      seen.add(words);
      seen.add(Buffer.from(deriveLinkingSecret(words).rendezvous).toString('hex'));
    }
    expect(seen.size).toBe(2 * 88);
  });

  it('that are others open nothing', () => {
    const offered = offer();
    const others = createLinkingWords(systemRandom);
    expect(codeOf(() => joinLinking({ words: others, offer: offered.offer, deviceName: 'x' }))).toBe('seal-corrupt');
    const elsewhere = offer();
    const lost = joinLinking({ words: elsewhere.words, offer: elsewhere.offer, deviceName: 'x' });
    expect(codeOf(() => offered.accept(lost.request))).toBe('seal-corrupt');
  });
});

describe('a server between the devices', () => {
  it('changes no message unseen', async () => {
    const all = exchange();
    const { offered, joined, asked, confirmed } = all;
    const proposed = await asked.propose(account.secrets, chain);
    const bend = (bytes: Uint8Array): Uint8Array => {
      const copy = bytes.slice();
      copy[copy.length - 40] = (copy[copy.length - 40] ?? 0) ^ 1;
      return copy;
    };
    expect(codeOf(() => joinLinking({ words: offered.words, offer: bend(offered.offer), deviceName: 'x' }))).toBe(
      'seal-corrupt',
    );
    expect(codeOf(() => offered.accept(bend(joined.request)))).toBe('seal-corrupt');
    expect(codeOf(() => joined.reveal(bend(asked.reveal)))).toBe('seal-corrupt');
    expect(codeOf(() => confirmed.decide(bend(proposed.message)))).toBe('seal-corrupt');
  });

  it('cannot turn a message back, move it, or repeat it', async () => {
    const all = exchange();
    const { offered, joined, asked, confirmed } = all;
    expect(codeOf(() => offered.accept(offered.offer))).toBe('seal-corrupt');
    expect(codeOf(() => joined.reveal(joined.request))).toBe('seal-corrupt');
    expect(codeOf(() => joined.reveal(offered.offer))).toBe('seal-corrupt');
    const first = await asked.propose(account.secrets, chain);
    const decision = confirmed.decide(first.message);
    if (decision.kind !== 'sign') throw new Error('a link to sign');
    expect(codeOf(() => confirmed.decide(first.message))).toBe('seal-corrupt');
    const second = await asked.propose(account.secrets, chain);
    expect(codeOf(() => second.complete(decision.signed))).toBe('seal-corrupt');
  });

  it('cannot give the new device an older chain, another account, or a chain without it', async () => {
    const all = exchange();
    const { link, boxes, after } = await approve(all);
    all.confirmed.decide(all.asked.added(after));
    const { finish } = all.confirmed;
    expect(await codeOfAsync(() => finish(account.request.links, boxes))).toBe('journal-rollback');
    expect(await codeOfAsync(() => finish(account.request.links.slice(0, 2), boxes))).toBe('journal-rollback');
    expect(await codeOfAsync(() => finish(stranger.request.links, boxes))).toBe('chain-invalid');
    expect(await codeOfAsync(() => finish(given([link]), []))).toBe('key-missing');
    // Boxes of another generation of the server's own making.
    const planted: KeyBox[] = boxes.map((box) => ({
      ...box,
      sealed: boxes[0]!.sealed.map((b, i) => (i > 70 ? b ^ 1 : b)),
    }));
    expect(await codeOfAsync(() => finish(given([link]), planted))).toBe('seal-corrupt');
    expect((await finish(given([link]), boxes)).chain.length).toBe(4);
  });

  it('cannot finish before the old device has said where the chain ends', async () => {
    const all = exchange();
    const { link, boxes } = await approve(all);
    expect(await codeOfAsync(() => all.confirmed.finish(given([link]), boxes))).toBe('journal-rollback');
  });
});

describe('somebody who saw the words and holds the server', () => {
  it('shows in the check words: each device took part in another exchange', () => {
    const real = offer();
    // The thief joins as a device of its own, and offers the true new device an account under the same words.
    const thief = joinLinking({ words: real.words, offer: real.offer, deviceName: 'Desktop' });
    const asked = real.accept(thief.request);
    const { oldKey, newKey } = deriveLinkingSecret(real.words);
    const nonce = systemRandom(32);
    const planted = sealMessage(
      oldKey,
      { side: 'old', index: 0, transcript: transcriptOf() },
      offerSchema,
      {
        format: 1,
        user: stranger.secrets.user,
        email: 'linking@example.org',
        deviceName: 'Laptop',
        end: { n: 2, hash: chainOf(stranger.request).hash },
        commitment: nonceCommitment(nonce),
      },
      systemRandom,
    );
    const fooled = joinLinking({ words: real.words, offer: planted, deviceName: 'Desktop' });
    openMessage(newKey, { side: 'new', index: 0, transcript: transcriptOf(planted) }, requestSchema, fooled.request);
    const at = { side: 'old', index: 1, transcript: transcriptOf(planted, fooled.request) } as const;
    const confirmed = fooled.reveal(sealMessage(oldKey, at, revealSchema, { nonce }, systemRandom));
    expect(confirmed.checkWords).not.toBe(asked.checkWords);
    // Choosing the number afterwards, so that the words come out alike, is what the commitment forbids.
    const other = sealMessage(oldKey, at, revealSchema, { nonce: systemRandom(32) }, systemRandom);
    expect(codeOf(() => fooled.reveal(other))).toBe('seal-corrupt');
  });

  it('gets no signature for anything but this device joining this account', async () => {
    const real = offer();
    const joined = joinLinking({ words: real.words, offer: real.offer, deviceName: 'Desktop' });
    const asked = real.accept(joined.request);
    const confirmed = joined.reveal(asked.reveal);
    const { oldKey } = deriveLinkingSecret(real.words);
    const transcript = transcriptOf(real.offer, joined.request, asked.reveal);
    const [revoking] = (await rotateUserKeys({ secrets: account.secrets, chain })).links;
    const other = joinLinking({ words: real.words, offer: real.offer, deviceName: 'Thief' });
    const asThief = real.accept(other.request);
    const thiefLink = openMessage(
      oldKey,
      { side: 'old', index: 2, transcript: transcriptOf(real.offer, other.request, asThief.reveal) },
      decisionSchema,
      (await asThief.propose(account.secrets, chain)).message,
    );
    const honest = openMessage(
      oldKey,
      { side: 'old', index: 2, transcript },
      decisionSchema,
      (await asked.propose(account.secrets, chain)).message,
    );
    if (honest.kind !== 'sign' || thiefLink.kind !== 'sign') throw new Error('links to sign');
    const template = decodeCanonicalWire(chainLinkSchema, honest.link);
    const wrong = [
      revoking!.link,
      thiefLink.link,
      encodeWire(chainLinkSchema, { ...template, user: stranger.secrets.user }),
      encodeWire(chainLinkSchema, { ...template, n: 2 }),
      encodeWire(chainLinkSchema, { ...template, body: { ...template.body, boxKey: systemRandom(32) } }),
      encodeWire(chainLinkSchema, { ...template, body: { ...template.body, signingKey: systemRandom(32) } }),
    ];
    for (const [number, link] of wrong.entries()) {
      const at = { side: 'old', index: 2 + number, transcript } as const;
      const told = sealMessage(oldKey, at, decisionSchema, { kind: 'sign', link }, systemRandom);
      expect(
        codeOf(() => confirmed.decide(told)),
        `wrong link ${number}`,
      ).toBe('chain-invalid');
    }
  });
});

it('the device of a linking is added by its own signature and that of the old one, and no other', async () => {
  const all = exchange();
  const proposed = await all.asked.propose(account.secrets, chain);
  const decision = all.confirmed.decide(proposed.message);
  if (decision.kind !== 'sign') throw new Error('a link to sign');
  const { link } = proposed.complete(decision.signed);
  expect(link.signatures.map(({ signer }) => signer)).toEqual([
    { kind: 'device', device: all.joined.device },
    { kind: 'device', device: account.secrets.device },
  ]);
  const [ours] = link.signatures;
  expect(codeOf(() => extendChain(chain, [{ ...link, signatures: [ours!] }]))).toBe('chain-invalid');
});
