import {
  encodeCbor,
  decodeCbor,
  type NamespaceId,
  type RecoverBody,
  type RootBody,
  type SignedLink,
} from '@onefold/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { chainLink, NO_HASH } from './chain-link.ts';
import { ed25519PublicKey, ed25519Sign } from './ed25519.ts';
import {
  addDeviceBody,
  createUser,
  DESKTOP,
  deviceOf,
  generationOf,
  generationSigner,
  LAPTOP,
  logIn,
  PHONE,
  phraseSigner,
  revoke,
  rotate,
  signerOf,
  type TestUser,
} from './journal-fixture.ts';
import { signLink } from './sign-link.ts';
import { isDeviceActive, isPinOf } from './user-chain.ts';
import { extendChain, verifyChain } from './verify-chain.ts';

let ann: TestUser;
beforeEach(() => {
  ann = createUser('ann', LAPTOP);
});

const NAMESPACE = 'cd'.repeat(32) as NamespaceId;
const TABLET = deviceOf('tablet');
const login = (device: typeof PHONE, generation = 1) =>
  chainLink(ann.next(), 'add-device', addDeviceBody(device, generation));
const pinNamespace = (use: 'own' | 'named', namespaceId = NAMESPACE, generation = 1) =>
  chainLink(ann.next(), 'pin-namespace', { namespaceId, use, generation, sealedName: new Uint8Array(4) });

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'accepted';
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}
const append = (link: SignedLink) => codeOf(() => extendChain(ann.chain(), [link]));

describe('a chain', () => {
  it('begins with a root by the phrase and a first device that both signed', () => {
    expect(ann.chain()).toMatchObject({ user: ann.user, length: 2, generation: 1 });
    expect(ann.chain().devices.get(LAPTOP.device)).toMatchObject({ addedAt: 1, verified: true });
    const [root] = ann.links;
    if (root === undefined) throw new Error('no root');
    const start = verifyChain([root]);
    const add = chainLink({ user: ann.user, n: 1, prevHash: start.hash }, 'add-device', addDeviceBody(PHONE));
    for (const signers of [
      [phraseSigner('ann')],
      [signerOf(PHONE)],
      [signerOf(PHONE), phraseSigner('ann')],
      [phraseSigner('ben'), signerOf(PHONE)],
      [phraseSigner('ann'), signerOf({ device: PHONE.device, seed: LAPTOP.seed })],
      [signerOf(PHONE), generationSigner('ann', 1)],
    ]) {
      expect(codeOf(() => extendChain(start, [signLink(add, signers)]))).toBe('chain-invalid');
    }
    expect(codeOf(() => extendChain(start, [signLink(add, [phraseSigner('ann'), signerOf(PHONE)])]))).toBe('accepted');
  });

  it('is refused without a root, with two, of another user, or from another root', () => {
    const ben = createUser('ben', DESKTOP);
    const [root, add] = ann.links;
    if (root === undefined || add === undefined) throw new Error('no links');
    expect(codeOf(() => verifyChain([]))).toBe('chain-invalid');
    expect(codeOf(() => verifyChain([add]))).toBe('chain-invalid');
    expect(codeOf(() => verifyChain([root, root]))).toBe('chain-invalid');
    expect(codeOf(() => verifyChain(ann.links, { user: ben.user }))).toBe('chain-invalid');
    expect(codeOf(() => verifyChain(ann.links, { rootHash: ben.chain().hashes[0] ?? ann.chain().hash }))).toBe(
      'chain-invalid',
    );
    expect(
      codeOf(() => verifyChain(ann.links, { user: ann.user, rootHash: ann.chain().hashes[0] ?? ben.chain().hash })),
    ).toBe('accepted');
  });

  it('has a root with the keys that the user id stands for', () => {
    const [first] = ann.links;
    if (first === undefined) throw new Error('no root');
    const { body } = decodeCbor(first.link) as { body: RootBody };
    const root = (patch: object) =>
      signLink(chainLink({ user: ann.user, n: 0, prevHash: NO_HASH }, 'root', { ...body, ...patch }), [
        phraseSigner('ann'),
      ]);
    expect(codeOf(() => verifyChain([root({})]))).toBe('accepted');
    // The login box key is no part of the id: the phrase's signature alone stands for it.
    const planted = chainLink({ user: ann.user, n: 0, prevHash: NO_HASH }, 'root', {
      ...body,
      loginBoxKey: new Uint8Array(32),
    });
    expect(codeOf(() => verifyChain([signLink(planted, [phraseSigner('eve')])]))).toBe('chain-invalid');
    for (const patch of [
      { phraseBoxKey: new Uint8Array(32) },
      { keys: { ...body.keys, boxKey: new Uint8Array(32) } },
      { keys: generationOf('eve', 1) },
    ]) {
      expect(codeOf(() => verifyChain([root(patch)]))).toBe('chain-invalid');
    }
    const eve = chainLink({ user: ann.user, n: 0, prevHash: NO_HASH }, 'root', {
      ...body,
      phraseSigningKey: ed25519PublicKey(LAPTOP.seed),
    });
    const signed = signLink(eve, [{ signer: { kind: 'phrase' }, sign: (bytes) => ed25519Sign(LAPTOP.seed, bytes) }]);
    expect(codeOf(() => verifyChain([signed]))).toBe('chain-invalid');
  });

  it('begins at position 0 with generation 1', () => {
    const [first] = ann.links;
    if (first === undefined) throw new Error('no root');
    const { body } = decodeCbor(first.link) as { body: RootBody };
    const start = { user: ann.user, n: 0, prevHash: NO_HASH };
    const sign = (link: ReturnType<typeof chainLink>) =>
      codeOf(() => verifyChain([signLink(link, [phraseSigner('ann')])]));
    expect(sign(chainLink({ ...start, n: 1 }, 'root', body))).toBe('chain-invalid');
    expect(sign(chainLink({ ...start, prevHash: ann.chain().hash }, 'root', body))).toBe('chain-invalid');
    expect(sign(chainLink(start, 'root', { ...body, keys: { ...body.keys, generation: 2 } }))).toBe('chain-invalid');
  });

  it('is refused with any byte of any link or signature changed', () => {
    logIn(ann, PHONE);
    ann.links.forEach((link, at) => {
      for (const part of [link.link, ...link.signatures.map(({ signature }) => signature)]) {
        for (let i = 0; i < part.length; i++) {
          part[i] = (part[i] ?? 0) ^ 1;
          expect(
            codeOf(() => verifyChain(ann.links)),
            `link ${at}, byte ${i}`,
          ).toMatch(/^(chain-invalid|unsupported-version)$/);
          part[i] = (part[i] ?? 0) ^ 1;
        }
      }
    });
    expect(codeOf(() => verifyChain(ann.links))).toBe('accepted');
  });

  it('is refused with links left out, swapped, or from a fork', () => {
    logIn(ann, PHONE);
    logIn(ann, TABLET);
    const [root, first, phone, tablet] = ann.links;
    if (!root || !first || !phone || !tablet) throw new Error('no links');
    for (const links of [
      [root, first, tablet],
      [root, first, tablet, phone],
      [root, first, phone, phone],
    ]) {
      expect(codeOf(() => verifyChain(links))).toBe('chain-invalid');
    }
    const fork = createUser('ann', LAPTOP);
    logIn(fork, DESKTOP);
    expect(codeOf(() => verifyChain([root, first, fork.links[2] ?? root, tablet]))).toBe('chain-invalid');
  });

  it('takes no link of another user, or with another number, however well signed', () => {
    const ben = createUser('ben', DESKTOP);
    const body = addDeviceBody(PHONE);
    const sign = (at: object) =>
      signLink(chainLink({ ...ann.next(), ...at }, 'add-device', body), [signerOf(PHONE), generationSigner('ann', 1)]);
    expect(append(sign({}))).toBe('accepted');
    expect(append(sign({ user: ben.user }))).toBe('chain-invalid');
    expect(append(sign({ n: 3 }))).toBe('chain-invalid');
    expect(append(sign({ n: 1 }))).toBe('chain-invalid');
    expect(append(sign({ prevHash: ben.chain().hash }))).toBe('chain-invalid');
  });

  it('takes a signature only under the name of who made it', () => {
    const link = login(PHONE);
    const [device, keys] = [signerOf(PHONE), generationSigner('ann', 1)];
    expect(append(signLink(link, [device, keys]))).toBe('accepted');
    expect(append(signLink(link, [{ ...device, signer: { kind: 'device', device: LAPTOP.device } }, keys]))).toBe(
      'chain-invalid',
    );
    expect(append(signLink(link, [{ ...device, signer: { kind: 'phrase' } }, keys]))).toBe('chain-invalid');
    expect(append(signLink(link, [{ ...device, signer: { kind: 'generation', generation: 1 } }, keys]))).toBe(
      'chain-invalid',
    );
    expect(append(signLink(link, [device, { ...keys, signer: { kind: 'generation', generation: 2 } }]))).toBe(
      'chain-invalid',
    );
    const [root, first] = ann.links;
    if (root === undefined || first === undefined) throw new Error('no links');
    const [phrase, own] = first.signatures;
    if (phrase === undefined || own === undefined) throw new Error('no signatures');
    const renamed = {
      ...first,
      signatures: [{ ...phrase, signer: { kind: 'generation' as const, generation: 1 } }, own],
    };
    expect(codeOf(() => verifyChain([root, renamed]))).toBe('chain-invalid');
  });

  it('is the same verified at once or link by link, and extending leaves the shorter one as it was', () => {
    const short = ann.chain();
    logIn(ann, PHONE);
    revoke(ann, LAPTOP, PHONE);
    rotate(ann, LAPTOP);
    expect(verifyChain(ann.links)).toEqual(ann.chain());
    expect(short.devices.has(PHONE.device)).toBe(false);
    expect(short.length).toBe(2);
  });
});

describe('adding a device', () => {
  it('by login needs the new device and the current user keys, and is not verified', () => {
    expect(append(signLink(login(PHONE), [signerOf(PHONE), generationSigner('ann', 1)]))).toBe('accepted');
    for (const signers of [
      [signerOf(PHONE)],
      [generationSigner('ann', 1)],
      [generationSigner('ann', 1), signerOf(PHONE)],
      [signerOf(PHONE), generationSigner('ben', 1)],
      [signerOf(PHONE), generationSigner('ann', 2)],
      [signerOf({ device: PHONE.device, seed: TABLET.seed }), generationSigner('ann', 1)],
      [signerOf(PHONE), generationSigner('ann', 1), signerOf(LAPTOP)],
      [phraseSigner('ann'), signerOf(PHONE)],
    ]) {
      expect(append(signLink(login(PHONE), signers))).toBe('chain-invalid');
    }
    logIn(ann, PHONE);
    expect(ann.chain().devices.get(PHONE.device)?.verified).toBe(false);
  });

  it('by an unverified device is not verified either, and vouches for nobody', () => {
    ann.append(signLink(login(PHONE), [signerOf(PHONE), generationSigner('ann', 1)]));
    ann.append(signLink(login(TABLET), [signerOf(TABLET), signerOf(PHONE)]));
    expect(ann.chain().devices.get(TABLET.device)?.verified).toBe(false);
    const vouch = signLink(chainLink(ann.next(), 'countersign', { device: PHONE.device }), [signerOf(TABLET)]);
    expect(append(vouch)).toBe('chain-invalid');
  });

  it('by login after a rotation needs the new user keys', () => {
    rotate(ann, LAPTOP);
    expect(append(signLink(login(PHONE, 1), [signerOf(PHONE), generationSigner('ann', 1)]))).toBe('chain-invalid');
    expect(append(signLink(login(PHONE, 2), [signerOf(PHONE), generationSigner('ann', 1)]))).toBe('chain-invalid');
    expect(append(signLink(login(PHONE, 1), [signerOf(PHONE), generationSigner('ann', 2)]))).toBe('chain-invalid');
    expect(append(signLink(login(PHONE, 2), [signerOf(PHONE), generationSigner('ann', 2)]))).toBe('accepted');
  });

  it('by another active device is verified', () => {
    expect(append(signLink(login(PHONE), [signerOf(PHONE), signerOf(TABLET)]))).toBe('chain-invalid');
    expect(append(signLink(login(PHONE), [signerOf(PHONE), signerOf(PHONE)]))).toBe('chain-invalid');
    ann.append(signLink(login(PHONE), [signerOf(PHONE), signerOf(LAPTOP)]));
    expect(ann.chain().devices.get(PHONE.device)?.verified).toBe(true);
  });

  it('happens once for an id, even a revoked one', () => {
    logIn(ann, PHONE);
    expect(codeOf(() => logIn(ann, PHONE))).toBe('chain-invalid');
    revoke(ann, LAPTOP, PHONE);
    expect(codeOf(() => logIn(ann, PHONE))).toBe('chain-invalid');
  });
});

describe('active devices', () => {
  it('vouch for others, once verified themselves', () => {
    logIn(ann, PHONE);
    logIn(ann, TABLET);
    const vouch = (by: typeof PHONE, of: typeof PHONE) =>
      signLink(chainLink(ann.next(), 'countersign', { device: of.device }), [signerOf(by)]);
    expect(append(vouch(PHONE, PHONE))).toBe('chain-invalid');
    expect(append(vouch(PHONE, TABLET))).toBe('chain-invalid');
    expect(append(vouch(LAPTOP, DESKTOP))).toBe('chain-invalid');
    expect(append(vouch({ device: LAPTOP.device, seed: PHONE.seed }, PHONE))).toBe('chain-invalid');
    ann.append(vouch(LAPTOP, PHONE));
    expect(ann.chain().devices.get(PHONE.device)?.verified).toBe(true);
    expect(append(vouch(PHONE, TABLET))).toBe('accepted');
  });

  it('revoke, and are then active no more', () => {
    logIn(ann, PHONE);
    expect(isPinOf(ann.chain(), ann.pin())).toBe(true);
    expect(isPinOf(ann.chain(), { ...ann.pin(), user: createUser('ben', DESKTOP).user })).toBe(false);
    expect(isPinOf(ann.chain(), { ...ann.pin(), n: 1 })).toBe(false);
    expect(isDeviceActive(ann.chain(), PHONE.device, 1)).toBe(false);
    expect(isDeviceActive(ann.chain(), PHONE.device, 2)).toBe(true);
    expect(isDeviceActive(ann.chain(), PHONE.device, 3)).toBe(false);
    revoke(ann, LAPTOP, PHONE);
    expect(isDeviceActive(ann.chain(), PHONE.device, 2)).toBe(true);
    expect(isDeviceActive(ann.chain(), PHONE.device, 3)).toBe(false);
    for (const link of [
      signLink(chainLink(ann.next(), 'revoke-device', { device: LAPTOP.device }), [signerOf(PHONE)]),
      signLink(chainLink(ann.next(), 'revoke-device', { device: PHONE.device }), [signerOf(LAPTOP)]),
      signLink(chainLink(ann.next(), 'countersign', { device: PHONE.device }), [signerOf(LAPTOP)]),
      signLink(pinNamespace('own'), [signerOf(PHONE)]),
      signLink(login(TABLET), [signerOf(TABLET), signerOf(PHONE)]),
    ]) {
      expect(append(link)).toBe('chain-invalid');
    }
    expect(
      append(signLink(chainLink(ann.next(), 'revoke-device', { device: LAPTOP.device }), [generationSigner('ann', 1)])),
    ).toBe('chain-invalid');
  });

  it('name each other, under the current user keys', () => {
    logIn(ann, PHONE);
    const name = (generation: number, device = PHONE.device) =>
      chainLink(ann.next(), 'name-device', { device, generation, sealedName: new Uint8Array([9]) });
    expect(append(signLink(name(2), [signerOf(LAPTOP)]))).toBe('chain-invalid');
    expect(append(signLink(name(1, TABLET.device), [signerOf(LAPTOP)]))).toBe('chain-invalid');
    expect(append(signLink(name(1), [signerOf(TABLET)]))).toBe('chain-invalid');
    expect(append(signLink(name(1), [generationSigner('ann', 1)]))).toBe('chain-invalid');
    ann.append(signLink(name(1), [signerOf(LAPTOP)]));
    expect(ann.chain().devices.get(PHONE.device)?.sealedName).toEqual(new Uint8Array([9]));
    revoke(ann, LAPTOP, PHONE);
    expect(append(signLink(name(1), [signerOf(LAPTOP)]))).toBe('chain-invalid');
  });

  it('rotate, one generation at a time, with the new keys signing too', () => {
    const to = (generation: number) =>
      chainLink(ann.next(), 'rotate', {
        keys: generationOf('ann', generation),
        loginBoxKey: new Uint8Array(32).fill(5),
      });
    expect(append(signLink(to(2), [signerOf(LAPTOP)]))).toBe('chain-invalid');
    expect(append(signLink(to(2), [signerOf(LAPTOP), generationSigner('ann', 1)]))).toBe('chain-invalid');
    expect(append(signLink(to(2), [generationSigner('ann', 2), signerOf(LAPTOP)]))).toBe('chain-invalid');
    expect(append(signLink(to(1), [signerOf(LAPTOP), generationSigner('ann', 1)]))).toBe('chain-invalid');
    expect(append(signLink(to(3), [signerOf(LAPTOP), generationSigner('ann', 3)]))).toBe('chain-invalid');
    ann.append(signLink(to(2), [signerOf(LAPTOP), generationSigner('ann', 2)]));
    expect(ann.chain()).toMatchObject({ generation: 2, loginBoxKey: new Uint8Array(32).fill(5) });
  });

  it('pin namespaces, each once, and one of the account’s own', () => {
    expect(append(signLink(pinNamespace('own'), [signerOf(PHONE)]))).toBe('chain-invalid');
    expect(append(signLink(pinNamespace('own'), [phraseSigner('ann')]))).toBe('chain-invalid');
    expect(append(signLink(pinNamespace('own', NAMESPACE, 2), [signerOf(LAPTOP)]))).toBe('chain-invalid');
    ann.append(signLink(pinNamespace('own'), [signerOf(LAPTOP)]));
    const other = 'ef'.repeat(32) as NamespaceId;
    expect(append(signLink(pinNamespace('own', other), [signerOf(LAPTOP)]))).toBe('chain-invalid');
    expect(append(signLink(pinNamespace('named'), [signerOf(LAPTOP)]))).toBe('chain-invalid');
    expect(append(signLink(pinNamespace('named', other), [signerOf(LAPTOP)]))).toBe('accepted');
    expect(ann.chain().namespaces).toMatchObject([{ namespaceId: NAMESPACE, use: 'own', n: 2 }]);
  });
});

describe('a recovery', () => {
  const body = (patch: Partial<RecoverBody> = {}): RecoverBody => ({
    validUpTo: ann.links.length - 1,
    keys: generationOf('ann', 2),
    loginBoxKey: new Uint8Array(32).fill(9),
    device: addDeviceBody(TABLET, 2),
    keep: [],
    ...patch,
  });
  const signers = () => [phraseSigner('ann'), signerOf(TABLET), generationSigner('ann', 2)];
  const link = (patch: Partial<RecoverBody> = {}) => chainLink(ann.next(), 'recover', body(patch));

  it('puts the account into the hands of the phrase: other devices are out, keys and login are new', () => {
    ann.append(signLink(login(PHONE), [signerOf(PHONE), generationSigner('ann', 1)]));
    ann.append(signLink(link(), signers()));
    const chain = ann.chain();
    const at = chain.length - 1;
    expect([LAPTOP, PHONE, TABLET].map(({ device }) => isDeviceActive(chain, device, at))).toEqual([
      false,
      false,
      true,
    ]);
    expect(isDeviceActive(chain, LAPTOP.device, at - 1)).toBe(true);
    expect(chain.devices.get(TABLET.device)).toMatchObject({ verified: true, addedAt: at, generation: 2 });
    expect([chain.generation, chain.loginBoxKey]).toEqual([2, new Uint8Array(32).fill(9)]);
    for (const device of [LAPTOP, PHONE])
      expect(append(signLink(pinNamespace('own', NAMESPACE, 2), [signerOf(device)]))).toBe('chain-invalid');
    expect(append(signLink(pinNamespace('own', NAMESPACE, 2), [signerOf(TABLET)]))).toBe('accepted');
    expect(verifyChain(ann.links).hash).toBe(chain.hash);
  });

  it('keeps the devices it names, and only ones that are there', () => {
    ann.append(signLink(login(PHONE), [signerOf(PHONE), generationSigner('ann', 1)]));
    revoke(ann, LAPTOP, PHONE);
    for (const keep of [[PHONE.device], [DESKTOP.device], [LAPTOP.device, LAPTOP.device]])
      expect(append(signLink(link({ keep }), signers()))).toBe('chain-invalid');
    ann.append(signLink(link({ keep: [LAPTOP.device] }), signers()));
    expect(isDeviceActive(ann.chain(), LAPTOP.device, ann.chain().length - 1)).toBe(true);
  });

  it('is signed by phrase, device and keys, and by nobody less', () => {
    const [phrase, device, keys] = signers();
    if (phrase === undefined || device === undefined || keys === undefined) throw new Error('three signers');
    for (const wrong of [
      [device, keys],
      [phrase, keys],
      [phrase, device],
      [signerOf(LAPTOP), device, keys],
      [phraseSigner('ben'), device, keys],
      [phrase, signerOf(LAPTOP), keys],
      [phrase, device, generationSigner('ann', 1)],
      [device, phrase, keys],
    ])
      expect(append(signLink(link(), wrong))).toBe('chain-invalid');
    expect(append(signLink(link(), signers()))).toBe('accepted');
  });

  it('opens the next generation with a device that is new', () => {
    for (const wrong of [
      { keys: generationOf('ann', 3) },
      { keys: generationOf('ann', 1) },
      { device: addDeviceBody(TABLET, 1) },
      { device: addDeviceBody(LAPTOP, 2) },
    ])
      expect(append(signLink(link(wrong), signers()))).toBe('chain-invalid');
  });

  it('that voids links or replaces the phrase is for a newer version', () => {
    const phrase = { signingKey: new Uint8Array(32), boxKey: new Uint8Array(32) };
    for (const later of [{ validUpTo: 0 }, { phrase }])
      expect(append(signLink(link(later), signers()))).toBe('unsupported-version');
  });
});

describe('links of newer versions', () => {
  it('stop the reader and accuse nobody', () => {
    const base = decodeCbor(signLink(login(PHONE), []).link) as Record<string, unknown>;
    const sign = (patch: object): SignedLink => ({ link: encodeCbor({ ...base, ...patch }), signatures: [] });
    for (const type of ['mark', 'accept-recovery', 'something-new'])
      expect(append(sign({ type }))).toBe('unsupported-version');
    expect(append(sign({ format: 2 }))).toBe('unsupported-version');
    expect(append(sign({ '!later': 1 }))).toBe('unsupported-version');
    expect(append(sign({ body: { ...(base['body'] as object), '!later': 1 } }))).toBe('unsupported-version');
    expect(append(sign({ body: {} }))).toBe('chain-invalid');
  });
});
