import {
  encodeWire,
  genesisBodySchema,
  ROOT_NODE,
  type Change,
  type ChangesetBody,
  type ContentChange,
  type CreateChange,
  type CtHash,
  type DeviceId,
  type EntryHeader,
  type EntryType,
  type GenesisBody,
  type GenesisHeader,
  type Hash,
  type LaterHeader,
  type NameTag,
  type NamespaceId,
  type NodeId,
  type OpId,
  type Pin,
  type PlaceChange,
  type Role,
  type SignedEntry,
  type SignedLink,
  type UserId,
} from '@onefold/protocol';
import { chainLink, NO_HASH } from './chain-link.ts';
import { ed25519PublicKey, ed25519Sign } from './ed25519.ts';
import { sha256, userIdOf } from './hashes.ts';
import { composeEntry } from './compose-entry.ts';
import { createMemoryJournal, type MemoryJournal } from './memory-journal.ts';
import { signEntry } from './sign-entry.ts';
import { signLink } from './sign-link.ts';
import type { UserChain } from './user-chain.ts';
import { extendChain, verifyChain } from './verify-chain.ts';

/* People, devices and a namespace for tests. Everything is derived from labels, so that golden vectors do not change. */

/** 32 bytes that depend on the label alone. */
export function seedOf(label: string): Uint8Array {
  return new Uint8Array(Buffer.from(sha256(Buffer.from(`fixture/${label}`)), 'hex'));
}

function hexOf(label: string, byteLength: number): string {
  return Buffer.from(seedOf(label))
    .toString('hex')
    .slice(0, 2 * byteLength);
}

export const nodeOf = (label: string): NodeId => hexOf(`node/${label}`, 16) as NodeId;
export const tagOf = (name: string): NameTag => hexOf(`tag/${name}`, 32) as NameTag;
export const blockOf = (label: string): CtHash => hexOf(`block/${label}`, 32) as CtHash;

export interface TestDevice {
  readonly device: DeviceId;
  readonly seed: Uint8Array;
}

export function deviceOf(label: string): TestDevice {
  return { device: hexOf(`device/${label}`, 16) as DeviceId, seed: seedOf(`device-key/${label}`) };
}

export function signerOf({ device, seed }: TestDevice): Parameters<typeof signLink>[1][number] {
  return { signer: { kind: 'device', device }, sign: (message) => ed25519Sign(seed, message) };
}

export function generationSigner(label: string, generation: number): Parameters<typeof signLink>[1][number] {
  return {
    signer: { kind: 'generation', generation },
    sign: (message) => ed25519Sign(seedOf(`${label}/user-keys/${generation}`), message),
  };
}

export function phraseSigner(label: string): Parameters<typeof signLink>[1][number] {
  return { signer: { kind: 'phrase' }, sign: (message) => ed25519Sign(seedOf(`${label}/phrase`), message) };
}

export function generationOf(
  label: string,
  generation: number,
): { generation: number; boxKey: Uint8Array; signingKey: Uint8Array } {
  return {
    generation,
    boxKey: seedOf(`${label}/box/${generation}`),
    signingKey: ed25519PublicKey(seedOf(`${label}/user-keys/${generation}`)),
  };
}

/** A user whose chain grows as a test says. */
export interface TestUser {
  readonly user: UserId;
  readonly label: string;
  readonly links: SignedLink[];
  chain(): UserChain;
  pin(): Pin;
  /** Where the next link goes. */
  next(): { user: UserId; n: number; prevHash: Hash };
  append(...links: SignedLink[]): void;
}

export function addDeviceBody(device: TestDevice, generation = 1): Parameters<typeof chainLink<'add-device'>>[2] {
  const boxKey = seedOf(`box/${device.device}`);
  return {
    device: device.device,
    signingKey: ed25519PublicKey(device.seed),
    boxKey,
    generation,
    sealedName: new Uint8Array([1, 2, 3]),
  };
}

/** Root and first device. */
export function createUser(label: string, first: TestDevice): TestUser {
  const links: SignedLink[] = [];
  const rootBody = {
    phraseSigningKey: ed25519PublicKey(seedOf(`${label}/phrase`)),
    phraseBoxKey: seedOf(`${label}/phrase-box`),
    loginBoxKey: seedOf(`${label}/login-box`),
    keys: generationOf(label, 1),
  };
  const user = userIdOf(rootBody);
  links.push(signLink(chainLink({ user, n: 0, prevHash: NO_HASH }, 'root', rootBody), [phraseSigner(label)]));
  let chain = verifyChain(links);
  const testUser: TestUser = {
    user,
    label,
    links,
    chain: () => chain,
    pin: () => ({ user, n: chain.length - 1, hash: chain.hash }),
    next: () => ({ user, n: chain.length, prevHash: chain.hash }),
    append(...more) {
      chain = extendChain(chain, more);
      links.push(...more);
    },
  };
  testUser.append(
    signLink(chainLink(testUser.next(), 'add-device', addDeviceBody(first)), [phraseSigner(label), signerOf(first)]),
  );
  return testUser;
}

/** A login without another device. */
export function logIn(user: TestUser, device: TestDevice): void {
  const generation = user.chain().generation;
  const link = chainLink(user.next(), 'add-device', addDeviceBody(device, generation));
  user.append(signLink(link, [signerOf(device), generationSigner(user.label, generation)]));
}

export function revoke(user: TestUser, by: TestDevice, device: TestDevice): void {
  user.append(signLink(chainLink(user.next(), 'revoke-device', { device: device.device }), [signerOf(by)]));
}

export function rotate(user: TestUser, by: TestDevice): void {
  const generation = user.chain().generation + 1;
  const link = chainLink(user.next(), 'rotate', { keys: generationOf(user.label, generation) });
  user.append(signLink(link, [signerOf(by), generationSigner(user.label, generation)]));
}

const DEFAULT_SPLITTER = { version: 1, min: 1_048_576, mean: 1_572_864, max: 4_194_304 } as const;

export function makeGenesis(
  owner: TestUser,
  device: TestDevice,
  patch: { header?: Partial<GenesisHeader>; body?: Partial<GenesisBody> } = {},
): SignedEntry {
  const body = encodeWire(genesisBodySchema, {
    owner: owner.user,
    pin: owner.pin(),
    commitment: seedOf('commitment/0'),
    secrets: [secretFor(owner)],
    ...patch.body,
  });
  const header: EntryHeader = {
    format: 1,
    type: 'genesis',
    epoch: 0,
    device: device.device,
    deviceSeq: 0,
    opId: hexOf('op/genesis', 16) as OpId,
    changesHash: sha256(body),
    splitter: DEFAULT_SPLITTER,
    ...patch.header,
  };
  return signEntry((message) => ed25519Sign(device.seed, message), header, body);
}

export function secretFor(user: TestUser): { user: UserId; generation: number; sealed: Uint8Array } {
  return { user: user.user, generation: user.chain().generation, sealed: new Uint8Array(80).fill(7) };
}

export interface TestWorld {
  readonly journal: MemoryJournal;
  /** An entry signed on the present head, with whatever a test wants to be wrong about it. */
  make(
    device: TestDevice,
    type: Exclude<EntryType, 'genesis'>,
    body: unknown,
    header?: Partial<LaterHeader>,
  ): SignedEntry;
  changeset(device: TestDevice, changes: readonly Change[], header?: Partial<LaterHeader>): SignedEntry;
  commit(
    device: TestDevice,
    changes: readonly Change[],
    header?: Partial<LaterHeader>,
  ): ReturnType<MemoryJournal['commit']>;
  /** Throws unless accepted. */
  put(device: TestDevice, changes: readonly Change[]): void;
  member(by: TestDevice, user: TestUser, role: Role): SignedEntry;
}

export const LAPTOP = deviceOf('laptop');
export const DESKTOP = deviceOf('desktop');
export const PHONE = deviceOf('phone');

/** A namespace of the first user, as of its genesis by the laptop. */
export function createWorld(users: readonly TestUser[]): TestWorld {
  const journal = createMemoryJournal({
    chain: (user) => users.find((one) => one.user === user)?.chain(),
    userOfDevice: (device) => users.find((one) => one.chain().devices.has(device))?.user,
  });
  let operations = 0;

  function make(
    device: TestDevice,
    type: Exclude<EntryType, 'genesis'>,
    body: unknown,
    patch: Partial<LaterHeader> = {},
  ): SignedEntry {
    const { seq, hash } = journal.head();
    const header = {
      namespaceId: journal.namespaceId() as NamespaceId,
      epoch: journal.epoch(),
      device: device.device,
      deviceSeq: (journal.lastEntryOf(device.device)?.deviceSeq ?? -1) + 1,
      baseSeq: seq,
      baseHash: hash,
      opId: hexOf(`op/${operations++}`, 16) as OpId,
      ...patch,
    };
    return composeEntry(type as 'changeset', body as ChangesetBody, header, (message) =>
      ed25519Sign(device.seed, message),
    );
  }

  const changeset: TestWorld['changeset'] = (device, changes, header) => make(device, 'changeset', { changes }, header);
  const first = users[0];
  if (first !== undefined) journal.commit(makeGenesis(first, LAPTOP));
  return {
    journal,
    make,
    changeset,
    commit: (device, changes, header) => journal.commit(changeset(device, changes, header)),
    put(device, changes) {
      const result = journal.commit(changeset(device, changes));
      if (result.outcome !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(result)}`);
    },
    member: (by, user, role) =>
      make(by, 'member', {
        user: user.user,
        role,
        pin: user.pin(),
        secrets: role === 'removed' ? [] : [secretFor(user)],
      }),
  };
}

/** Ann with laptop and desktop, and a namespace of hers in which both are known. */
export function annsWorld(): TestWorld & { readonly ann: TestUser } {
  const ann = createUser('ann', LAPTOP);
  logIn(ann, DESKTOP);
  return { ...createWorld([ann]), ann };
}

const SEALED = new Uint8Array(256).fill(9);

export function create(
  name: string,
  parent: NodeId = ROOT_NODE,
  kind: 'file' | 'folder' | 'link' = 'file',
  as = name,
): CreateChange {
  const common = { op: 'create', node: nodeOf(as), kind, parent, nameTag: tagOf(name), place: SEALED } as const;
  return kind === 'folder'
    ? common
    : { ...common, content: { added: [[blockOf(as), 1_000]], dropped: [], sealed: SEALED } };
}

export function place(node: string, base: number, parent: NodeId, name: string, hidden = false): PlaceChange {
  return { op: 'place', node: nodeOf(node), base, parent, nameTag: tagOf(name), hidden, sealed: SEALED };
}

export function hide(node: string, base = 1, parent: NodeId = ROOT_NODE, name = node): PlaceChange {
  return place(node, base, parent, name, true);
}

export function content(node: string, base = 1, block = `${node}/${base + 1}`): ContentChange {
  return { op: 'content', node: nodeOf(node), base, added: [[blockOf(block), 1_000]], dropped: [], sealed: SEALED };
}

export function attributes(node: string, base: number): Change {
  return { op: 'attributes', node: nodeOf(node), base, sealed: SEALED };
}
