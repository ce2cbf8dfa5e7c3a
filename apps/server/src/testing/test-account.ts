import { randomBytes } from 'node:crypto';
import {
  chainLink,
  ed25519PublicKey,
  ed25519Sign,
  linkHash,
  namespaceIdOf,
  sha256,
  signEntry,
  signLink,
  userIdOf,
} from '@onefold/journal';
import {
  encodeWire,
  genesisBodySchema,
  toHex,
  type ChainSigner,
  type CreateAccountRequest,
  type DeviceId,
  type Hash,
  type NamespaceId,
  type OpId,
  type SignedEntry,
  type SignedLink,
  type UserId,
} from '@onefold/protocol';

/*
 * Accounts for tests: real chains and signatures by real keys. What only clients open (boxes, secrets, sealed names) is random bytes of the right shape.
 */

export function bytes(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

export function randomId<T extends string>(byteLength: number): T {
  return toHex(bytes(byteLength)) as T;
}

type ChainStep = Parameters<typeof chainLink>[1] | 'recover';
interface KeyPair {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
}

function keyPair(): KeyPair {
  const seed = bytes(32);
  return { seed, publicKey: ed25519PublicKey(seed) };
}

export interface TestDevice {
  readonly id: DeviceId;
  readonly keys: KeyPair;
}

export function createTestDevice(): TestDevice {
  return { id: randomId<DeviceId>(16), keys: keyPair() };
}

export function signWith(device: TestDevice, message: Uint8Array): Uint8Array {
  return ed25519Sign(device.keys.seed, message);
}

export interface TestAccount {
  readonly user: UserId;
  readonly email: string;
  readonly authKey: Uint8Array;
  readonly generation: KeyPair;
  /** Signs for the recovery phrase. */
  readonly phrase: KeyPair;
  readonly device: TestDevice;
  readonly links: SignedLink[];
  readonly namespace: NamespaceId;
  readonly request: CreateAccountRequest;
}

interface Signer {
  readonly signer: ChainSigner;
  readonly seed: Uint8Array;
}

function appendLink<T extends ChainStep>(
  user: UserId,
  links: SignedLink[],
  type: T,
  body: Parameters<typeof chainLink<T>>[2],
  signers: readonly Signer[],
): SignedLink {
  const last: SignedLink | undefined = links[links.length - 1];
  const prevHash = last === undefined ? ('0'.repeat(64) as Hash) : linkHash(last);
  const link = signLink(
    chainLink({ user, n: links.length, prevHash }, type, body),
    signers.map(({ signer, seed }) => ({ signer, sign: (message: Uint8Array) => ed25519Sign(seed, message) })),
  );
  links.push(link);
  return link;
}

function deviceSigner(device: TestDevice): Signer {
  return { signer: { kind: 'device', device: device.id }, seed: device.keys.seed };
}

function deviceBody(device: TestDevice) {
  return {
    device: device.id,
    signingKey: device.keys.publicKey,
    boxKey: bytes(32),
    generation: 1,
    sealedName: bytes(60),
  };
}

export function createTestAccount(email = `${randomId(6)}@example.org`): TestAccount {
  const phrase = keyPair();
  const generation = keyPair();
  const device = createTestDevice();
  const links: SignedLink[] = [];
  const phraseSigner: Signer = { signer: { kind: 'phrase' }, seed: phrase.seed };
  const root = {
    phraseSigningKey: phrase.publicKey,
    phraseBoxKey: bytes(32),
    loginBoxKey: bytes(32),
    keys: { generation: 1, boxKey: bytes(32), signingKey: generation.publicKey },
  };
  const user = userIdOf(root);
  appendLink(user, links, 'root', root, [phraseSigner]);
  const added = appendLink(user, links, 'add-device', deviceBody(device), [phraseSigner, deviceSigner(device)]);
  const genesis = createTestGenesis({ user, device, n: 1, pinHash: linkHash(added) });
  const namespace = namespaceIdOf(genesis);
  appendLink(
    user,
    links,
    'pin-namespace',
    { namespaceId: namespace, use: 'own', generation: 1, sealedName: bytes(60) },
    [deviceSigner(device)],
  );
  const authKey = bytes(32);
  const request: CreateAccountRequest = {
    user,
    email,
    salt: bytes(16),
    kdf: { algorithm: 'argon2id', memoryKib: 65_536, passes: 3, lanes: 1 },
    authKey,
    recoveryAuthKey: bytes(32),
    links: [...links],
    boxes: [
      { generation: 1, recipient: { kind: 'login' }, sealed: bytes(100) },
      { generation: 1, recipient: { kind: 'phrase' }, sealed: bytes(100) },
      { generation: 1, recipient: { kind: 'device', device: device.id }, sealed: bytes(100) },
    ],
    genesis,
  };
  return { user, email, authKey, generation, phrase, device, links, namespace, request };
}

export function createTestGenesis(owner: { user: UserId; device: TestDevice; n: number; pinHash: Hash }): SignedEntry {
  const body = encodeWire(genesisBodySchema, {
    owner: owner.user,
    pin: { user: owner.user, n: owner.n, hash: owner.pinHash },
    commitment: bytes(32),
    secrets: [{ user: owner.user, generation: 1, sealed: bytes(120) }],
  });
  return signEntry(
    (message) => signWith(owner.device, message),
    {
      format: 1,
      type: 'genesis',
      epoch: 0,
      device: owner.device.id,
      deviceSeq: 0,
      opId: randomId<OpId>(16),
      changesHash: sha256(body),
      splitter: { version: 1, min: 1 << 20, mean: 3 << 19, max: 4 << 20 },
    },
    body,
  );
}

/** The link by which a login adds `device`; it also joins `account.links`. */
export function addDeviceLink(account: TestAccount, device: TestDevice): SignedLink {
  return appendLink(account.user, account.links, 'add-device', deviceBody(device), [
    deviceSigner(device),
    { signer: { kind: 'generation', generation: 1 }, seed: account.generation.seed },
  ]);
}

/** The link by which the account's first device adds `device`; it also joins `account.links`. */
export function linkDeviceLink(account: TestAccount, device: TestDevice): SignedLink {
  return appendLink(account.user, account.links, 'add-device', deviceBody(device), [
    deviceSigner(device),
    deviceSigner(account.device),
  ]);
}

export function revokeDeviceLink(account: TestAccount, by: TestDevice, revoked: DeviceId): SignedLink {
  return appendLink(account.user, account.links, 'revoke-device', { device: revoked }, [deviceSigner(by)]);
}

/** Opens the second generation of user keys, with another login where its box key is named. */
export function rotateLink(account: TestAccount, by: TestDevice, loginBoxKey?: Uint8Array): SignedLink {
  const next = keyPair();
  const keys = { generation: 2, boxKey: bytes(32), signingKey: next.publicKey };
  return appendLink(
    account.user,
    account.links,
    'rotate',
    { keys, ...(loginBoxKey === undefined ? {} : { loginBoxKey }) },
    [deviceSigner(by), { signer: { kind: 'generation', generation: 2 }, seed: next.seed }],
  );
}

/** Takes the account over: `device` and generation 2 come in, every other device goes. */
export function recoverLink(account: TestAccount, device: TestDevice): SignedLink {
  const next = keyPair();
  const body = {
    validUpTo: account.links.length - 1,
    keys: { generation: 2, boxKey: bytes(32), signingKey: next.publicKey },
    loginBoxKey: bytes(32),
    device: { ...deviceBody(device), generation: 2 },
    keep: [],
  };
  return appendLink(account.user, account.links, 'recover', body, [
    { signer: { kind: 'phrase' }, seed: account.phrase.seed },
    deviceSigner(device),
    { signer: { kind: 'generation', generation: 2 }, seed: next.seed },
  ]);
}

/** A named namespace: its genesis and the link that pins it. */
export function namedNamespace(account: TestAccount, by: TestDevice): { genesis: SignedEntry; link: SignedLink } {
  const n = account.links.length - 1;
  const last = account.links[n];
  if (last === undefined) throw new Error('no links');
  const genesis = createTestGenesis({ user: account.user, device: by, n, pinHash: linkHash(last) });
  const body = { namespaceId: namespaceIdOf(genesis), use: 'named' as const, generation: 1, sealedName: bytes(60) };
  return { genesis, link: appendLink(account.user, account.links, 'pin-namespace', body, [deviceSigner(by)]) };
}
