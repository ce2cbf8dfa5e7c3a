import {
  chainLink,
  check,
  composeEntry,
  createMemoryJournal,
  ed25519PublicKey,
  ed25519Sign,
  ed25519Verify,
  extendChain,
  linkHash,
  NO_HASH,
  parseEntry,
  signLink,
  userIdOf,
  verifyChain,
  type ParsedEpoch,
  type ParsedGenesis,
  type ParsedMember,
} from '@onefold/journal';
import type { GenerationKeys, LoginResponse, NamespaceId, OpId, UserId } from '@onefold/protocol';
import { createAccountRequest, decodeWire, encodeWire, fromHex } from '@onefold/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from './create-account.ts';
import { createNamespace } from './create-namespace.ts';
import { decodeDeviceSecrets, deviceBoxKey, deviceSigner, encodeDeviceSecrets, signSession } from './device-secrets.ts';
import { formatKit, parseKit } from './emergency-kit.ts';
import { loginDevice, openNewGenerations, type LoggedInDevice } from './login-device.ts';
import { deriveNamespaceKeys } from './namespace-keys.ts';
import {
  decodeNamespaceSecrets,
  encodeNamespaceSecrets,
  epochCommitment,
  openEpochSecrets,
  openMemberSecrets,
  openNamespaceSecrets,
  openPreviousEpoch,
  sealEpochSecret,
  sealMemberSecret,
  sealPreviousEpoch,
} from './namespace-secrets.ts';
import { DEFAULT_KDF, deriveLogin, type LoginKeys } from './password-keys.ts';
import { derivePhraseKeys, parseRecoveryPhrase } from './recovery-phrase.ts';
import { openDeviceName, openNamespaceName } from './sealed-names.ts';
import { wrap } from './public-key-wrap.ts';
import { openUserKeys, publicUserKeys, sealUserKeys, userSigningSeed } from './user-keys.ts';
import { chainOf, codeOfAsync, fixedRandom, flips, loginAnswer, newAccount, PASSWORD } from './vault-fixture.ts';

let ann: NewAccount;
let ben: NewAccount;
let annsKeys: LoginKeys;
let phone: LoggedInDevice;

/** As a new device does it: from the kit's text, the password and what the server says. */
function keysOf(account: NewAccount): Promise<LoginKeys> {
  const { user, secretKey } = parseKit(formatKit(account.kit));
  return deriveLogin({ password: PASSWORD, secretKey, user, salt: account.request.salt, kdf: account.request.kdf });
}

function logIn(login: LoginResponse, user = ann.request.user, keys = annsKeys): Promise<LoggedInDevice> {
  return loginDevice({ login, user, loginBox: keys.loginBox, deviceName: 'Phone', random: fixedRandom('phone') });
}

beforeAll(async () => {
  [ann, ben] = [await newAccount('ann'), await newAccount('ben')];
  annsKeys = await keysOf(ann);
  phone = await logIn(loginAnswer(ann.request));
}, 120_000);

describe('a new account', () => {
  it('is a request the protocol can carry, whose chain and genesis are sound', () => {
    expect(decodeWire(createAccountRequest, encodeWire(createAccountRequest, ann.request))).toEqual(ann.request);
    const chain = chainOf(ann.request);
    const journal = createMemoryJournal({ chain: () => chain, userOfDevice: () => undefined });
    expect(journal.commit(ann.request.genesis).outcome).toBe('accepted');
    expect(journal.namespaceId()).toBe(ann.namespace.namespaceId);
    expect(chain.namespaces).toMatchObject([{ namespaceId: ann.namespace.namespaceId, use: 'own' }]);
    expect(chain.devices.get(ann.secrets.device)?.verified).toBe(true);
  });

  it('gives the server nothing of password, Secret Key, phrase or seeds', () => {
    const wire = Buffer.from(encodeWire(createAccountRequest, ann.request)).toString('hex');
    const phrase = derivePhraseKeys(parseRecoveryPhrase(ann.recoveryPhrase));
    const secrets = [
      Buffer.from(PASSWORD),
      Buffer.from('Laptop'),
      ann.kit.secretKey,
      parseRecoveryPhrase(ann.recoveryPhrase),
      phrase.signing.seed,
      phrase.box.seed,
      annsKeys.loginBox.seed,
      ann.secrets.signingSeed,
      ann.secrets.boxSeed,
      ...ann.secrets.generations.map(({ seed }) => seed),
      ann.namespace.secrets.lifetime,
      ...ann.namespace.secrets.epochs.values(),
    ];
    for (const secret of secrets) expect(wire.includes(Buffer.from(secret).toString('hex'))).toBe(false);
    // The search finds what is there.
    expect(wire.includes(Buffer.from(ann.request.authKey).toString('hex'))).toBe(true);
  });

  it('is different every time it is made', async () => {
    const again = await newAccount('ann again');
    expect(again.request.user).not.toBe(ann.request.user);
  });

  it('can be opened by password, by phrase and by its device', async () => {
    const chain = chainOf(ann.request);
    const [seed] = ann.secrets.generations;
    const phrase = derivePhraseKeys(parseRecoveryPhrase(ann.recoveryPhrase));
    const recipients = [annsKeys.loginBox.seed, phrase.box.seed, ann.secrets.boxSeed];
    for (const [i, box] of ann.request.boxes.entries()) {
      expect(
        await openUserKeys(ann.request.user, box, recipients[i] ?? new Uint8Array(32), chain.generations.get(1)),
      ).toEqual(seed);
    }
    expect(phrase.authKey).toEqual(ann.request.recoveryAuthKey);
    expect(annsKeys.authKey).toEqual(ann.request.authKey);
  });
});

describe('opened user keys', () => {
  it('are refused unless both public keys and the generation are those of the chain', async () => {
    const [box] = ann.request.boxes;
    const named = chainOf(ann.request).generations.get(1);
    const others = chainOf(ben.request).generations.get(1);
    if (box === undefined || named === undefined || others === undefined) throw new Error('no keys');
    const open = (expected?: GenerationKeys) => openUserKeys(ann.request.user, box, annsKeys.loginBox.seed, expected);
    expect(await codeOfAsync(() => open(named))).toBe('no error');
    const wrong = [
      { ...named, boxKey: others.boxKey },
      { ...named, signingKey: others.signingKey },
      { ...named, generation: 2 },
      undefined,
    ];
    for (const expected of wrong) expect(await codeOfAsync(() => open(expected))).toBe('seal-corrupt');
  });
});

describe('device secrets', () => {
  it('are bytes and back', () => {
    expect(decodeDeviceSecrets(encodeDeviceSecrets(ann.secrets))).toEqual(ann.secrets);
    expect(() => decodeDeviceSecrets(new Uint8Array(5))).toThrow(expect.objectContaining({ code: 'state-corrupt' }));
    expect(() => decodeDeviceSecrets(encodeDeviceSecrets(ann.secrets).subarray(1))).toThrow(
      expect.objectContaining({ code: 'state-corrupt' }),
    );
  });

  it('sign a session challenge under a label of its own', () => {
    const challenge = fixedRandom('challenge')(32);
    const signature = signSession(ann.secrets, challenge);
    const key = ed25519PublicKey(ann.secrets.signingSeed);
    expect(ed25519Verify(key, Buffer.concat([Buffer.from('onefold/session/v1'), challenge]), signature)).toBe(true);
    expect(ed25519Verify(key, challenge, signature)).toBe(false);
  });
});

describe('logging in on another device', () => {
  it('adds it to the chain, with everything the first device can open', async () => {
    expect(phone.chain.length).toBe(4);
    expect(phone.chain.devices.get(phone.secrets.device)).toMatchObject({ addedAt: 3, verified: false });
    expect(phone.secrets.generations).toEqual(ann.secrets.generations);
    expect(extendChain(chainOf(ann.request), [phone.request.link])).toEqual(phone.chain);
    const [box] = phone.request.boxes;
    if (box === undefined) throw new Error('no box');
    expect(await openUserKeys(ann.request.user, box, phone.secrets.boxSeed, phone.chain.generations.get(1))).toEqual(
      ann.secrets.generations[0],
    );
    const genesis = parseEntry(ann.request.genesis) as ParsedGenesis;
    expect(await openNamespaceSecrets(phone.secrets, phone.chain, genesis)).toEqual(ann.namespace.secrets);
  });

  it('lets each read the names of the others, which the server cannot', async () => {
    const laptop = phone.chain.devices.get(ann.secrets.device);
    const itself = phone.chain.devices.get(phone.secrets.device);
    const [own] = phone.chain.namespaces;
    if (laptop === undefined || itself === undefined || own === undefined) throw new Error('not in the chain');
    expect(await openDeviceName(phone.secrets, ann.secrets.device, laptop)).toBe('Laptop');
    expect(await openDeviceName(ann.secrets, phone.secrets.device, itself)).toBe('Phone');
    expect(await openNamespaceName(phone.secrets, own)).toBe('');
    expect(await codeOfAsync(() => openDeviceName(phone.secrets, phone.secrets.device, laptop))).toBe('seal-corrupt');
    expect(await codeOfAsync(() => openDeviceName(ben.secrets, ann.secrets.device, laptop))).toBe('seal-corrupt');
    expect(laptop.sealedName.length).toBe(itself.sealedName.length);
  });

  it('refuses names whose frame is not sound', async () => {
    const [keys] = ann.secrets.generations;
    if (keys === undefined) throw new Error('no keys');
    const { device, user } = ann.secrets;
    const context = {
      type: 'device-name',
      owner: fromHex(user),
      recipient: fromHex(device),
      generation: 1,
      epoch: 0,
    } as const;
    const open = async (frame: Uint8Array) => {
      const sealedName = await wrap(publicUserKeys(keys).boxKey, context, frame, fixedRandom('frame'));
      return codeOfAsync(() => openDeviceName(ann.secrets, device, { generation: 1, sealedName }));
    };
    expect(await open(Uint8Array.of(0, 0, 0, 1, 65))).toBe('no error');
    expect(await open(Uint8Array.of(0, 0, 0, 2, 65))).toBe('seal-corrupt');
    expect(await open(Uint8Array.of(0, 0))).toBe('seal-corrupt');
  });

  it('lets the new device write once its pin is in the journal', () => {
    const journal = createMemoryJournal({
      chain: () => phone.chain,
      userOfDevice: (device) => (phone.chain.devices.has(device) ? phone.chain.user : undefined),
    });
    journal.commit(ann.request.genesis);
    const { seq, hash } = journal.head();
    const header = {
      namespaceId: ann.namespace.namespaceId,
      epoch: 0,
      device: phone.secrets.device,
      deviceSeq: 0,
      baseSeq: seq,
      baseHash: hash,
      opId: '0d'.repeat(16) as OpId,
    };
    const pin = { user: phone.chain.user, n: phone.chain.length - 1, hash: phone.chain.hash };
    expect(journal.commit(composeEntry('pin', { pin }, header, deviceSigner(phone.secrets))).outcome).toBe('accepted');
  });

  it('is refused where the server swaps the user keys in the box', async () => {
    // Anyone can seal to the login box key, which the chain shows.
    const evil = { generation: 1, seed: fixedRandom('evil')(32) };
    const box = await sealUserKeys(
      ann.request.user,
      evil,
      { kind: 'login' },
      annsKeys.loginBox.publicKey,
      fixedRandom('evil box'),
    );
    const answer = loginAnswer(ann.request);
    const login = { ...answer, boxes: [box, ...answer.boxes.slice(1)] };
    expect(await codeOfAsync(() => logIn(login))).toBe('seal-corrupt');
  });

  it('is refused where the server swaps box and chain together', async () => {
    const evil = await plantedChain(ann.request.user);
    expect(await codeOfAsync(() => logIn(evil))).toBe('chain-invalid');
    const honest = await plantedChain();
    // A sound chain of keys the server knows, under the id that fits them: the kit names another account.
    expect(await codeOfAsync(() => logIn(honest))).toBe('chain-invalid');
    // Even a kit that names the planted account does not help: its login box key is not that of password and Secret Key.
    const keys = await deriveLogin({
      password: PASSWORD,
      secretKey: ann.kit.secretKey,
      user: honest.user,
      salt: ann.request.salt,
      kdf: DEFAULT_KDF,
    });
    expect(await codeOfAsync(() => logIn(honest, honest.user, keys))).toBe('chain-invalid');
  });

  /** A chain whose every secret the server made up, with the login box key that it knows of Ann. */
  async function plantedChain(as?: UserId): Promise<LoginResponse> {
    const phrase = derivePhraseKeys(fixedRandom('evil phrase')(32));
    const userKeys = { generation: 1, seed: fixedRandom('evil user keys')(32) };
    const named = {
      phraseSigningKey: phrase.signing.publicKey,
      phraseBoxKey: phrase.box.publicKey,
      keys: publicUserKeys(userKeys),
    };
    const user = as ?? userIdOf(named);
    const body = { ...named, loginBoxKey: annsKeys.loginBox.publicKey };
    const link = chainLink({ user, n: 0, prevHash: NO_HASH }, 'root', body);
    const root = signLink(link, [
      { signer: { kind: 'phrase' }, sign: (message) => ed25519Sign(phrase.signing.seed, message) },
    ]);
    const box = await sealUserKeys(
      user,
      userKeys,
      { kind: 'login' },
      annsKeys.loginBox.publicKey,
      fixedRandom('evil box'),
    );
    return { user, loginToken: 'token', boxes: [box], links: [root] };
  }

  it('is refused with the chain of another account, a cut one, or no box', async () => {
    const answer = loginAnswer(ann.request);
    expect(await codeOfAsync(() => logIn({ ...answer, links: loginAnswer(ben.request).links }))).toBe('chain-invalid');
    expect(await codeOfAsync(() => logIn({ ...answer, links: answer.links.slice(1) }))).toBe('chain-invalid');
    expect(await codeOfAsync(() => logIn({ ...answer, boxes: [] }))).toBe('key-missing');
    expect(
      await codeOfAsync(() =>
        logIn({ ...answer, boxes: answer.boxes.filter(({ recipient }) => recipient.kind !== 'login') }),
      ),
    ).toBe('key-missing');
  });

  it('is refused with the box of the phrase handed out as that of the login, and the other way round', async () => {
    const answer = loginAnswer(ann.request);
    const [login, phrase] = answer.boxes;
    if (login === undefined || phrase === undefined) throw new Error('no boxes');
    expect(await codeOfAsync(() => logIn({ ...answer, boxes: [{ ...phrase, recipient: { kind: 'login' } }] }))).toBe(
      'seal-corrupt',
    );
    expect(
      await codeOfAsync(() =>
        openUserKeys(
          ann.request.user,
          { ...login, recipient: { kind: 'phrase' } },
          annsKeys.loginBox.seed,
          chainOf(ann.request).generations.get(1),
        ),
      ),
    ).toBe('seal-corrupt');
  });

  it('is refused with a wrong password or Secret Key', async () => {
    const { salt, kdf, user } = ann.request;
    const keys = await deriveLogin({ password: `${PASSWORD}!`, secretKey: ann.kit.secretKey, user, salt, kdf });
    expect(await codeOfAsync(() => logIn(loginAnswer(ann.request), user, keys))).toBe('chain-invalid');
  });
});

describe('a namespace', () => {
  it('of one’s own opens to the keys it was made with', async () => {
    const named = await createNamespace({ secrets: phone.secrets, chain: phone.chain, name: 'Photos' });
    const chain = extendChain(phone.chain, [named.link]);
    const opened = await openNamespaceSecrets(ann.secrets, chain, parseEntry(named.genesis) as ParsedGenesis);
    expect(opened).toEqual(named.secrets);
    expect(deriveNamespaceKeys(opened).epoch(0)).toEqual(named.keys.epoch(0));
    const pinned = chain.namespaces[1];
    if (pinned === undefined) throw new Error('not pinned');
    expect(pinned.use).toBe('named');
    expect(await openNamespaceName(ann.secrets, pinned)).toBe('Photos');
    expect(decodeNamespaceSecrets(encodeNamespaceSecrets(opened))).toEqual(opened);
  });

  it('is not made at the end of another user’s chain', async () => {
    const input = { secrets: ann.secrets, chain: chainOf(ben.request), name: 'x' };
    expect(await codeOfAsync(() => createNamespace(input))).toBe('chain-invalid');
  });

  it('planted by the server is refused: it is not in the user chain', async () => {
    const chain = chainOf(ann.request);
    // Signed by a real device and sealed to real keys, but never pinned: even so it is not opened.
    const never = await createNamespace({
      secrets: ann.secrets,
      chain,
      name: 'never pinned',
      random: fixedRandom('never'),
    });
    expect(
      await codeOfAsync(() => openNamespaceSecrets(ann.secrets, chain, parseEntry(never.genesis) as ParsedGenesis)),
    ).toBe('chain-invalid');
    const bens = parseEntry(ben.request.genesis) as ParsedGenesis;
    expect(await codeOfAsync(() => openNamespaceSecrets(ann.secrets, chain, bens))).toBe('chain-invalid');
    expect(await codeOfAsync(() => openNamespaceSecrets(ann.secrets, chainOf(ben.request), bens))).toBe(
      'chain-invalid',
    );
  });

  it('does not open with any byte of its sealed secrets changed', { timeout: 120_000 }, async () => {
    const genesis = parseEntry(ann.request.genesis) as ParsedGenesis;
    const [secret] = genesis.body.secrets;
    if (secret === undefined) throw new Error('no secret');
    const chain = chainOf(ann.request);
    const open = (sealed: Uint8Array) =>
      openNamespaceSecrets(ann.secrets, chain, {
        ...genesis,
        body: { ...genesis.body, secrets: [{ ...secret, sealed }] },
      });
    expect(await codeOfAsync(() => open(secret.sealed))).toBe('no error');
    for (const changed of flips(secret.sealed)) expect(await codeOfAsync(() => open(changed))).toBe('seal-corrupt');
  });

  it('does not open when its secrets are not those it commits to', async () => {
    const genesis = parseEntry(ann.request.genesis) as ParsedGenesis;
    const chain = chainOf(ann.request);
    const body = { ...genesis.body, commitment: fixedRandom('other')(32) };
    expect(await codeOfAsync(() => openNamespaceSecrets(ann.secrets, chain, { ...genesis, body }))).toBe(
      'seal-corrupt',
    );
  });

  it('does not open without the user keys it is sealed to', async () => {
    const genesis = parseEntry(ann.request.genesis) as ParsedGenesis;
    const secrets = { ...ann.secrets, generations: [] };
    expect(await codeOfAsync(() => openNamespaceSecrets(secrets, chainOf(ann.request), genesis))).toBe('key-missing');
  });
});

describe('a new epoch and a new member', () => {
  const random = fixedRandom('epochs');
  const recipient = (account: NewAccount) => {
    const [keys] = account.secrets.generations;
    if (keys === undefined) throw new Error('no keys');
    return { user: account.request.user, generation: 1, boxKey: publicUserKeys(keys).boxKey };
  };

  it('reach every member, and through them what is older', async () => {
    const chains = new Map([ann, ben].map(({ request }) => [request.user, chainOf(request)]));
    const journal = createMemoryJournal({
      chain: (user) => chains.get(user),
      userOfDevice: (device) => [...chains.values()].find((chain) => chain.devices.has(device))?.user,
    });
    journal.commit(ann.request.genesis);
    const { namespaceId, secrets: held } = ann.namespace;
    let deviceSeq = 1;
    const header = () => {
      const { seq, hash } = journal.head();
      const opId = '0e'.repeat(16) as OpId;
      return {
        namespaceId,
        epoch: journal.epoch(),
        device: ann.secrets.device,
        deviceSeq: deviceSeq++,
        baseSeq: seq,
        baseHash: hash,
        opId,
      };
    };
    const sign = deviceSigner(ann.secrets);
    const benPin = { user: ben.request.user, n: 2, hash: chainOf(ben.request).hash };

    const nsk1 = random(32);
    const at = { namespaceId, epoch: 1 };
    const epochBody = {
      epoch: 1,
      commitment: epochCommitment(1, nsk1, held.lifetime),
      previous: sealPreviousEpoch(at, nsk1, held.epochs.get(0) ?? new Uint8Array(32), random),
      secrets: [await sealEpochSecret(recipient(ann), at, nsk1, random)],
    };
    const rawEpoch = composeEntry('epoch', epochBody, header(), sign);
    const epochEntry = parseEntry(rawEpoch) as ParsedEpoch;
    expect(check(epochEntry, journal.view(epochEntry)).outcome).toBe('accepted');
    journal.commit(rawEpoch);
    const after = await openEpochSecrets(ann.secrets, held, epochEntry);
    expect(after.epochs).toEqual(
      new Map([
        [0, held.epochs.get(0)],
        [1, nsk1],
      ]),
    );

    const memberBody = {
      user: ben.request.user,
      role: 'editor' as const,
      pin: benPin,
      secrets: [await sealMemberSecret(recipient(ben), after, random)],
    };
    const rawMember = composeEntry('member', memberBody, header(), sign);
    const memberEntry = parseEntry(rawMember) as ParsedMember;
    expect(journal.commit(rawMember).outcome).toBe('accepted');
    const bens = await openMemberSecrets(ben.secrets, memberEntry, epochBody.commitment);
    expect(bens.lifetime).toEqual(held.lifetime);
    expect(bens.epochs).toEqual(new Map([[1, nsk1]]));

    const wrong = {
      commitment: epochCommitment(1, nsk1, random(32)),
      otherEpoch: epochCommitment(0, nsk1, held.lifetime),
    };
    for (const commitment of Object.values(wrong)) {
      expect(await codeOfAsync(() => openMemberSecrets(ben.secrets, memberEntry, commitment))).toBe('seal-corrupt');
      expect(
        await codeOfAsync(() =>
          openEpochSecrets(ann.secrets, held, { ...epochEntry, body: { ...epochEntry.body, commitment } }),
        ),
      ).toBe('seal-corrupt');
    }
    const elsewhere = { ...held, namespaceId: 'a9'.repeat(32) as NamespaceId };
    expect(await codeOfAsync(() => openEpochSecrets(ann.secrets, elsewhere, epochEntry))).toBe('seal-corrupt');
    const forked = { ...held, epochs: new Map([[0, random(32)]]) };
    expect(await codeOfAsync(() => openEpochSecrets(ann.secrets, forked, epochEntry))).toBe('seal-corrupt');
    // Secrets of another length, with a commitment that fits them.
    const long = random(33);
    const odd = {
      ...epochEntry.body,
      commitment: epochCommitment(1, long, held.lifetime),
      previous: sealPreviousEpoch(at, long, held.epochs.get(0) ?? new Uint8Array(32), random),
      secrets: [await sealEpochSecret(recipient(ann), at, long, random)],
    };
    const lengthened = { ...epochEntry, body: odd };
    expect(await codeOfAsync(() => openEpochSecrets(ann.secrets, held, lengthened))).toBe('seal-corrupt');
    const short = sealPreviousEpoch(at, nsk1, random(31), random);
    expect(await codeOfAsync(async () => openPreviousEpoch(at, nsk1, short))).toBe('seal-corrupt');
    for (const previous of flips(epochBody.previous)) {
      expect(
        await codeOfAsync(() =>
          openEpochSecrets(ann.secrets, held, { ...epochEntry, body: { ...epochEntry.body, previous } }),
        ),
      ).toBe('seal-corrupt');
    }
    expect(await codeOfAsync(() => openMemberSecrets(phone.secrets, memberEntry, epochBody.commitment))).toBe(
      'key-missing',
    );
  }, 120_000);
});

describe('after a rotation elsewhere', () => {
  it('a device opens the new generation from its box, and only the one the chain names', async () => {
    const next = { generation: 2, seed: fixedRandom('generation 2')(32) };
    const before = phone.chain;
    const content = chainLink({ user: before.user, n: before.length, prevHash: before.hash }, 'rotate', {
      keys: publicUserKeys(next),
    });
    const link = signLink(content, [
      { signer: { kind: 'device', device: ann.secrets.device }, sign: deviceSigner(ann.secrets) },
      { signer: { kind: 'generation', generation: 2 }, sign: (message) => ed25519Sign(userSigningSeed(next), message) },
    ]);
    const chain = verifyChain([...ann.request.links, phone.request.link, link]);
    expect(chain.hash).toBe(linkHash(link));
    const to = { kind: 'device', device: phone.secrets.device } as const;
    const boxKey = phone.chain.devices.get(phone.secrets.device)?.boxKey ?? new Uint8Array(32);
    const box = await sealUserKeys(before.user, next, to, boxKey, fixedRandom('box'));
    const laptop = { kind: 'device', device: ann.secrets.device } as const;
    const laptops = await sealUserKeys(before.user, next, laptop, deviceBoxKey(ann.secrets), fixedRandom('laptop box'));
    expect((await openNewGenerations(phone.secrets, chain, [laptops, box])).generations).toEqual([
      ...phone.secrets.generations,
      next,
    ]);
    expect((await openNewGenerations(phone.secrets, chain, [box])).generations).toEqual([
      ...phone.secrets.generations,
      next,
    ]);
    const evil = await sealUserKeys(
      before.user,
      { generation: 2, seed: fixedRandom('evil')(32) },
      to,
      boxKey,
      fixedRandom('box'),
    );
    expect(await codeOfAsync(() => openNewGenerations(phone.secrets, chain, [evil]))).toBe('seal-corrupt');
    expect(await codeOfAsync(() => openNewGenerations(phone.secrets, chain, []))).toBe('key-missing');
    expect(await codeOfAsync(() => openNewGenerations(phone.secrets, chainOf(ben.request), [box]))).toBe(
      'chain-invalid',
    );
  });
});
