import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseEntry, type ParsedGenesis } from '@onefold/journal';
import {
  createAccountRequest,
  decodeCbor,
  decodeWire,
  encodeCbor,
  encodeWire,
  ROOT_NODE,
  type BlockId,
  type CtHash,
} from '@onefold/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { sealAttributes } from './attributes-part.ts';
import { contentIdOf, encodeReferences } from './block-references.ts';
import { sealContent } from './content-part.ts';
import { formatSecretKey } from './emergency-kit.ts';
import { readFrame, readSealed, readWrap } from './independent-reader.ts';
import { nameTag } from './namespace-keys.ts';
import { epochCommitment, sealPreviousEpoch } from './namespace-secrets.ts';
import { deriveLogin } from './password-keys.ts';
import { sealPlace } from './place-part.ts';
import { derivePhraseKeys, formatRecoveryPhrase, parseRecoveryPhrase } from './recovery-phrase.ts';
import { sealLabel } from './upload-label.ts';
import { publicUserKeys, userBoxSeed, userSigningSeed } from './user-keys.ts';
import { chainOf, fixedRandom, KEYS, NAMESPACE_SECRETS, newAccount, NODE, PASSWORD } from './vault-fixture.ts';

/* Neutral JSON, bytes in hex. ONEFOLD_WRITE_VECTORS=1 writes it anew: a change of any of them is a change of the format. */
const FILE = new URL('../vectors/vault-v1.json', import.meta.url);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Buffer => Buffer.from(text, 'hex');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const AT = { node: NODE, version: 3, epoch: 1 };

function partContext(type: string, version: number): Buffer {
  const register = ['place', 'content', 'attributes', 'label'].indexOf(type) + 1;
  const numbers = [register.toString(16).padStart(2, '0'), version.toString(16).padStart(16, '0'), '0000000000000001'];
  return Buffer.concat([Buffer.from('onefold/part/v1'), unhex(KEYS.namespaceId + NODE + numbers.join(''))]);
}

function partVector(type: string, key: Uint8Array, version: number, sealed: Uint8Array) {
  const associatedData = partContext(type, version);
  return {
    type,
    key: hex(key),
    associatedData: hex(associatedData),
    sealed: hex(sealed),
    map: hex(readFrame(readSealed(key, associatedData, sealed))),
  };
}

async function build() {
  const account = await newAccount('golden');
  const { kit, request, secrets, recoveryPhrase } = account;
  const { salt, kdf, user } = request;
  const login = await deriveLogin({ password: PASSWORD, secretKey: kit.secretKey, user, salt, kdf });
  const entropy = parseRecoveryPhrase(recoveryPhrase);
  const phrase = derivePhraseKeys(entropy);
  const [userKeys] = secrets.generations;
  if (userKeys === undefined) throw new Error('no user keys');
  const random = fixedRandom('golden parts');
  const id = (label: string) => hex(fixedRandom(label)(32));
  const references = [
    { epoch: 0, blockId: id('b1') as BlockId, ctHash: id('c1') as CtHash, ctLength: 1_048_700, plainLength: 1_048_576 },
    { epoch: 1, blockId: id('b2') as BlockId, ctHash: id('c2') as CtHash, ctLength: 900, plainLength: 70_000 },
  ];
  const file = { kind: 'file', size: 1_118_576, contentId: contentIdOf(references), references } as const;
  const manifest = [
    { epoch: 1, blockId: id('m1') as BlockId, ctHash: id('m2') as CtHash, ctLength: 90_000, plainLength: 76 * 1_100 },
  ];
  const long = { kind: 'file', size: 1_700_000_000, contentId: file.contentId, manifest } as const;
  const attributes = {
    mtimeNs: -1n,
    mode: 0o755,
    authoredAtMs: 1_795_000_000_000,
    xattrs: [[bytes('user.tag'), bytes('red')]],
  } as const;
  const epochKeys = KEYS.epoch(1);
  const [nsk0, nsk1] = [NAMESPACE_SECRETS.epochs.get(0), NAMESPACE_SECRETS.epochs.get(1)];
  if (nsk0 === undefined || nsk1 === undefined) throw new Error('no epochs');
  const at = { namespaceId: KEYS.namespaceId, epoch: 1 };
  return {
    description: 'Onefold keys and sealed things, format 1. Bytes are hex. docs/FORMAT.md says what they mean.',
    login: {
      password: PASSWORD,
      secretKey: hex(kit.secretKey),
      secretKeyText: formatSecretKey(user, kit.secretKey),
      user,
      salt: hex(salt),
      memoryKib: kdf.memoryKib,
      passes: kdf.passes,
      lanes: kdf.lanes,
      authKey: hex(login.authKey),
      boxSeed: hex(login.loginBox.seed),
      boxKey: hex(login.loginBox.publicKey),
    },
    recovery: {
      entropy: hex(entropy),
      phrase: formatRecoveryPhrase(entropy),
      authKey: hex(phrase.authKey),
      boxSeed: hex(phrase.box.seed),
      boxKey: hex(phrase.box.publicKey),
      signingSeed: hex(phrase.signing.seed),
      signingKey: hex(phrase.signing.publicKey),
    },
    userKeys: {
      seed: hex(userKeys.seed),
      boxSeed: hex(userBoxSeed(userKeys)),
      signingSeed: hex(userSigningSeed(userKeys)),
      boxKey: hex(publicUserKeys(userKeys).boxKey),
      signingKey: hex(publicUserKeys(userKeys).signingKey),
    },
    /** The whole request, as it goes over the wire, and what the new device keeps. */
    account: {
      request: hex(encodeWire(createAccountRequest, request)),
      device: secrets.device,
      deviceBoxSeed: hex(secrets.boxSeed),
      deviceSigningSeed: hex(secrets.signingSeed),
      deviceName: secrets.deviceName,
      lifetime: hex(account.namespace.secrets.lifetime),
      epochSecret: hex(account.namespace.secrets.epochs.get(0) ?? new Uint8Array()),
    },
    namespace: {
      namespaceId: KEYS.namespaceId,
      lifetime: hex(NAMESPACE_SECRETS.lifetime),
      epochSecrets: [hex(nsk0), hex(nsk1)],
      splitterSecret: hex(KEYS.splitterSecret),
      manifestSplitterSecret: hex(KEYS.manifestSplitterSecret),
      blockIdKey: hex(KEYS.blockIdKey),
      manifestBlockIdKey: hex(KEYS.manifestBlockIdKey),
      nameTagKey: hex(KEYS.nameTagKey),
      epoch1: Object.fromEntries(Object.entries(epochKeys).map(([name, key]) => [name, hex(key as Uint8Array)])),
      commitment1: hex(epochCommitment(1, nsk1, NAMESPACE_SECRETS.lifetime)),
      previousOf1: hex(sealPreviousEpoch(at, nsk1, nsk0, random)),
      nameTags: [
        { parent: ROOT_NODE, name: hex(bytes('report.txt')), tag: nameTag(KEYS, ROOT_NODE, bytes('report.txt')) },
        { parent: NODE, name: 'ff', tag: nameTag(KEYS, NODE, Uint8Array.of(0xff)) },
      ],
    },
    references: { list: references, bytes: hex(encodeReferences(references)), contentId: file.contentId },
    parts: [
      partVector('place', epochKeys.placeKey, 3, sealPlace(KEYS, AT, { name: bytes('report.txt') }, random)),
      partVector('content', epochKeys.contentKey, 3, sealContent(KEYS, AT, file, random)),
      partVector('content', epochKeys.contentKey, 3, sealContent(KEYS, AT, long, random)),
      partVector(
        'content',
        epochKeys.contentKey,
        3,
        sealContent(KEYS, AT, { kind: 'link', target: bytes('../else/where') }, random),
      ),
      partVector('attributes', epochKeys.attributesKey, 3, sealAttributes(KEYS, AT, attributes, random)),
      partVector('label', epochKeys.labelKey, 0, sealLabel(KEYS, NODE, { name: bytes('film.mkv'), size: 7 }, random)),
    ],
  };
}

type Vectors = Awaited<ReturnType<typeof build>>;
let built: Vectors;
let vectors: Vectors;

beforeAll(async () => {
  built = await build();
  if (process.env['ONEFOLD_WRITE_VECTORS'] === '1') writeFileSync(FILE, `${JSON.stringify(built, null, 2)}\n`);
  vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors;
}, 60_000);

const hkdf = (secret: string, label: string, salt = Buffer.alloc(0), context = Buffer.alloc(0), length = 32): string =>
  hex(new Uint8Array(hkdfSync('sha256', unhex(secret), salt, Buffer.concat([Buffer.from(label), context]), length)));

describe('the golden vectors', () => {
  it('are what this code writes', () => {
    expect(built).toEqual(vectors);
  });

  it('follow from their secrets by the labels of the document', () => {
    const { recovery, userKeys, namespace } = vectors;
    expect(recovery.authKey).toBe(hkdf(recovery.entropy, 'onefold/recovery/v1/auth'));
    expect(recovery.boxSeed).toBe(hkdf(recovery.entropy, 'onefold/recovery/v1/box'));
    expect(recovery.signingSeed).toBe(hkdf(recovery.entropy, 'onefold/recovery/v1/sign'));
    expect(userKeys.boxSeed).toBe(hkdf(userKeys.seed, 'onefold/user-keys/v1/box'));
    expect(userKeys.signingSeed).toBe(hkdf(userKeys.seed, 'onefold/user-keys/v1/sign'));
    const [, nsk1] = namespace.epochSecrets;
    for (const [key, label] of [
      [namespace.splitterSecret, 'splitter'],
      [namespace.manifestSplitterSecret, 'manifest-splitter'],
      [namespace.blockIdKey, 'block-id'],
      [namespace.manifestBlockIdKey, 'manifest-block-id'],
      [namespace.nameTagKey, 'name-tag'],
    ] as const) {
      expect(key).toBe(hkdf(namespace.lifetime, `onefold/namespace/v1/${label}`));
    }
    const labels = {
      blockKey: 'block',
      manifestBlockKey: 'manifest-block',
      placeKey: 'place',
      contentKey: 'content',
      attributesKey: 'attributes',
      labelKey: 'label',
    };
    for (const [name, label] of Object.entries(labels))
      expect(namespace.epoch1[name]).toBe(hkdf(nsk1 ?? '', `onefold/epoch/v1/${label}`));
    expect(namespace.commitment1).toBe(
      hkdf(`${nsk1}${namespace.lifetime}`, 'onefold/epoch/v1/commitment', undefined, Buffer.from([1])),
    );
    for (const { parent, name, tag } of namespace.nameTags) {
      expect(tag).toBe(
        createHmac('sha256', unhex(namespace.nameTagKey))
          .update(unhex(parent + name))
          .digest('hex'),
      );
    }
    const keys = [
      ...Object.values(namespace.epoch1),
      namespace.splitterSecret,
      namespace.blockIdKey,
      namespace.nameTagKey,
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('hold parts that a reader of the document opens', () => {
    for (const { key, associatedData, sealed, map } of vectors.parts) {
      expect(hex(readFrame(readSealed(unhex(key), unhex(associatedData), unhex(sealed))))).toBe(map);
    }
    const maps = vectors.parts.map(({ map }) => decodeCbor(unhex(map)) as Record<string, unknown>);
    expect(maps[0]).toEqual({ name: bytes('report.txt') });
    expect(maps[1]).toEqual({
      kind: 'file',
      size: 1_118_576,
      contentId: new Uint8Array(unhex(vectors.references.contentId)),
      references: new Uint8Array(unhex(vectors.references.bytes)),
    });
    expect(maps[4]).toEqual({
      mtime: [-1, 999_999_999],
      mode: 493,
      authoredAt: 1_795_000_000_000,
      xattrs: [[bytes('user.tag'), bytes('red')]],
    });
    const { namespace } = vectors;
    const [nsk0, nsk1] = namespace.epochSecrets;
    const context = encodeCbor([1, 'previous-epoch', unhex(namespace.namespaceId), 1]);
    expect(
      hex(readSealed(unhex(hkdf(nsk1 ?? '', 'onefold/epoch/v1/previous')), context, unhex(namespace.previousOf1))),
    ).toBe(nsk0);
  });

  it('hold references and a content id laid out as documented', () => {
    const { list, bytes: encoded, contentId } = vectors.references;
    const hash = createHash('sha256').update('onefold/content/v1');
    let expected = '';
    for (const { epoch, blockId, ctHash, ctLength, plainLength } of list) {
      const u32 = (value: number) => value.toString(16).padStart(8, '0');
      expected += u32(epoch) + blockId + ctHash + u32(ctLength) + u32(plainLength);
      hash.update(unhex(blockId + u32(plainLength)));
    }
    expect(encoded).toBe(expected);
    expect(contentId).toBe(hash.digest('hex'));
  });

  it('hold an account whose boxes, names and secrets a reader of the document opens', () => {
    const { account, login, recovery, userKeys } = vectors;
    const request = decodeWire(createAccountRequest, unhex(account.request));
    const user = unhex(request.user);
    const named = [recovery.signingKey, recovery.boxKey, userKeys.boxKey, userKeys.signingKey].join('');
    expect(request.user).toBe(
      createHash('sha256').update('onefold/user/v1').update(unhex(named)).digest('hex').slice(0, 32),
    );
    const device = unhex(account.device);
    const context = (type: string, owner: Uint8Array, recipient: unknown) =>
      encodeCbor([1, type, owner, recipient, 1, 0]);
    const boxes: [string, unknown][] = [
      [login.boxSeed, 'login'],
      [recovery.boxSeed, 'phrase'],
      [account.deviceBoxSeed, device],
    ];
    for (const [i, [seed, recipient]] of boxes.entries()) {
      const sealed = request.boxes[i]?.sealed ?? new Uint8Array();
      expect(hex(readWrap(unhex(seed), context('user-keys', user, recipient), sealed))).toBe(userKeys.seed);
    }
    const chain = chainOf(request);
    const name = chain.devices.get(account.device)?.sealedName ?? new Uint8Array();
    expect(readFrame(readWrap(unhex(userKeys.boxSeed), context('device-name', user, device), name)).toString()).toBe(
      'Laptop',
    );
    const [own] = chain.namespaces;
    const ownName = readWrap(
      unhex(userKeys.boxSeed),
      context('namespace-name', user, unhex(own?.namespaceId ?? '')),
      own?.sealedName ?? new Uint8Array(),
    );
    expect(readFrame(ownName).toString()).toBe('');
    const genesis = parseEntry(request.genesis) as ParsedGenesis;
    const [secret] = genesis.body.secrets;
    const opened = readWrap(
      unhex(userKeys.boxSeed),
      context('namespace-secrets', unhex(genesis.header.opId), user),
      secret?.sealed ?? new Uint8Array(),
    );
    expect(hex(opened)).toBe(account.lifetime + account.epochSecret);
    expect(hex(genesis.body.commitment)).toBe(
      hkdf(account.epochSecret + account.lifetime, 'onefold/epoch/v1/commitment', undefined, Buffer.from([0])),
    );
  });

  it('hold login keys that password and Secret Key give again', async () => {
    const { password, secretKey, user, salt, memoryKib, passes, lanes, authKey, boxSeed } = vectors.login;
    const kdf = { algorithm: 'argon2id', memoryKib, passes, lanes } as const;
    const keys = await deriveLogin({
      password,
      secretKey: unhex(secretKey),
      user: user,
      salt: unhex(salt),
      kdf,
    });
    expect([hex(keys.authKey), hex(keys.loginBox.seed)]).toEqual([authKey, boxSeed]);
  });
});
