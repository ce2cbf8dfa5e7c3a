import { type ParsedEpoch, type ParsedGenesis, type ParsedMember, type UserChain } from '@onefold/journal';
import {
  concatBytes,
  encodeCbor,
  encodeWire,
  fixedBytes,
  fromHex,
  namespaceIdCodec,
  OnefoldError,
  type MemberSecret,
  type NamespaceId,
  type OpId,
  type UserId,
} from '@onefold/protocol';
import { z } from 'zod';
import { doesNotOpen, openCommitted, sealCommitted } from './committed-aead.ts';
import { isOwnChain, type DeviceSecrets } from './device-secrets.ts';
import { hkdf, isEqualSecret, type RandomBytes } from './key-derivation.ts';
import { unwrap, wrap, type WrapContext } from './public-key-wrap.ts';
import { decodeStored } from './stored-secrets.ts';
import { userBoxSeed, userKeysOf } from './user-keys.ts';

/** What members share and nobody else knows. */
export interface NamespaceSecrets {
  readonly namespaceId: NamespaceId;
  /** L: for the namespace's whole life; 32 bytes. */
  readonly lifetime: Uint8Array;
  /** NSK_e by epoch, 32 bytes each, without gaps up to the current one. */
  readonly epochs: ReadonlyMap<number, Uint8Array>;
}

/** Binds NSK_e and L: an author who gives members different secrets is found out by each. */
export function epochCommitment(epoch: number, epochSecret: Uint8Array, lifetime: Uint8Array): Uint8Array {
  return hkdf(concatBytes(epochSecret, lifetime), 'onefold/epoch/v1/commitment', { context: encodeCbor(epoch) });
}

/** Seals L and NSK_0 to the owner. The namespace has no id yet, so the genesis's opId stands for it. */
export async function sealGenesisSecret(
  to: { readonly user: UserId; readonly generation: number; readonly boxKey: Uint8Array },
  opId: OpId,
  secrets: { readonly lifetime: Uint8Array; readonly epochSecret: Uint8Array },
  random: RandomBytes,
): Promise<MemberSecret> {
  const context = secretContext('namespace-secrets', fromHex(opId), to, 0);
  const sealed = await wrap(to.boxKey, context, concatBytes(secrets.lifetime, secrets.epochSecret), random);
  return { user: to.user, generation: to.generation, sealed };
}

/** Seals L and the current NSK_e to a new member. */
export async function sealMemberSecret(
  to: { readonly user: UserId; readonly generation: number; readonly boxKey: Uint8Array },
  secrets: NamespaceSecrets,
  random: RandomBytes,
): Promise<MemberSecret> {
  const epoch = currentEpochOf(secrets);
  const context = secretContext('namespace-secrets', fromHex(secrets.namespaceId), to, epoch);
  const sealed = await wrap(to.boxKey, context, concatBytes(secrets.lifetime, epochSecretOf(secrets, epoch)), random);
  return { user: to.user, generation: to.generation, sealed };
}

/** Seals the NSK of a new epoch to a member. */
export async function sealEpochSecret(
  to: { readonly user: UserId; readonly generation: number; readonly boxKey: Uint8Array },
  at: { readonly namespaceId: NamespaceId; readonly epoch: number },
  epochSecret: Uint8Array,
  random: RandomBytes,
): Promise<MemberSecret> {
  const sealed = await wrap(
    to.boxKey,
    secretContext('epoch-secret', fromHex(at.namespaceId), to, at.epoch),
    epochSecret,
    random,
  );
  return { user: to.user, generation: to.generation, sealed };
}

/** Seals NSK_(e-1) under NSK_e, so that members of epoch e read what is older. */
export function sealPreviousEpoch(
  at: { readonly namespaceId: NamespaceId; readonly epoch: number },
  epochSecret: Uint8Array,
  previous: Uint8Array,
  random: RandomBytes,
): Uint8Array {
  return sealCommitted(hkdf(epochSecret, 'onefold/epoch/v1/previous'), previousContext(at), previous, random);
}

/**
 * Opens the secrets of one of the account's own namespaces from its genesis. A namespace that the user's own chain does not pin was planted by
 * the server: `chain-invalid`. The entry must have passed `check`. Throws `seal-corrupt`, or `key-missing` without the user keys.
 */
export async function openNamespaceSecrets(
  secrets: DeviceSecrets,
  chain: UserChain,
  genesis: ParsedGenesis,
): Promise<NamespaceSecrets> {
  const namespaceId = genesis.hash as string as NamespaceId;
  const isPinned = chain.namespaces.some((pinned) => pinned.namespaceId === namespaceId);
  if (!isOwnChain(secrets, chain) || !isPinned) {
    throw new OnefoldError('chain-invalid', 'the namespace is not one of this account');
  }
  const context = (to: MemberSecret) => secretContext('namespace-secrets', fromHex(genesis.header.opId), to, 0);
  const plaintext = await openOwnSecret(secrets, genesis.body.secrets, context, 64);
  const opened = { namespaceId, lifetime: plaintext.slice(0, 32), epochs: new Map([[0, plaintext.slice(32)]]) };
  requireCommitment(opened, 0, genesis.body.commitment);
  return opened;
}

/**
 * Opens the secrets that a member entry gave to this user, at the epoch of its header. The commitment of that epoch (in the genesis or its epoch entry)
 * must be handed in: it is what binds this user to the same secrets as all others. Throws as `openNamespaceSecrets`.
 */
export async function openMemberSecrets(
  secrets: DeviceSecrets,
  entry: ParsedMember,
  commitment: Uint8Array,
): Promise<NamespaceSecrets> {
  const { namespaceId, epoch } = entry.header;
  const context = (to: MemberSecret) => secretContext('namespace-secrets', fromHex(namespaceId), to, epoch);
  const plaintext = await openOwnSecret(secrets, entry.body.secrets, context, 64);
  const opened = { namespaceId, lifetime: plaintext.slice(0, 32), epochs: new Map([[epoch, plaintext.slice(32)]]) };
  requireCommitment(opened, epoch, commitment);
  return opened;
}

/** Adds the secret of the epoch that an entry opens, and through it that of the one before. Throws as `openNamespaceSecrets`. */
export async function openEpochSecrets(
  secrets: DeviceSecrets,
  held: NamespaceSecrets,
  entry: ParsedEpoch,
): Promise<NamespaceSecrets> {
  const { epoch, commitment, previous } = entry.body;
  const at = { namespaceId: held.namespaceId, epoch };
  const context = (to: MemberSecret) => secretContext('epoch-secret', fromHex(at.namespaceId), to, epoch);
  const epochSecret = await openOwnSecret(secrets, entry.body.secrets, context, 32);
  const older = openPreviousEpoch(at, epochSecret, previous);
  const known = held.epochs.get(epoch - 1);
  if (known !== undefined && !isEqualSecret(known, older)) throw doesNotOpen();
  const epochs = new Map([...held.epochs, [epoch - 1, older], [epoch, epochSecret]] as const);
  const opened = { ...held, epochs };
  requireCommitment(opened, epoch, commitment);
  return opened;
}

/** NSK_(e-1) from NSK_e: how a member who came later walks back. Throws `seal-corrupt`. */
export function openPreviousEpoch(
  at: { readonly namespaceId: NamespaceId; readonly epoch: number },
  epochSecret: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  const previous = openCommitted(hkdf(epochSecret, 'onefold/epoch/v1/previous'), previousContext(at), sealed);
  if (previous.length !== 32) throw doesNotOpen();
  return previous;
}

export function currentEpochOf(secrets: NamespaceSecrets): number {
  return Math.max(...secrets.epochs.keys());
}

/** Throws `key-missing`. */
export function epochSecretOf(secrets: NamespaceSecrets, epoch: number): Uint8Array {
  const secret = secrets.epochs.get(epoch);
  if (secret === undefined) throw new OnefoldError('key-missing', `the secret of epoch ${epoch} is not here`);
  return secret;
}

const storedSchema = z.object({
  format: z.literal(1),
  namespaceId: namespaceIdCodec,
  lifetime: fixedBytes(32),
  epochs: z.array(z.tuple([z.int().min(0), fixedBytes(32)])).min(1),
});

/** Unsealed bytes, for the key store. */
export function encodeNamespaceSecrets(secrets: NamespaceSecrets): Uint8Array {
  return encodeWire(storedSchema, { format: 1, ...secrets, epochs: [...secrets.epochs] });
}

/** Throws `state-corrupt`. */
export function decodeNamespaceSecrets(bytes: Uint8Array): NamespaceSecrets {
  const { namespaceId, lifetime, epochs } = decodeStored(storedSchema, bytes);
  return { namespaceId, lifetime, epochs: new Map(epochs) };
}

async function openOwnSecret(
  secrets: DeviceSecrets,
  sealed: readonly MemberSecret[],
  context: (to: MemberSecret) => WrapContext,
  length: number,
): Promise<Uint8Array> {
  const own = sealed.find(({ user }) => user === secrets.user);
  if (own === undefined) throw new OnefoldError('key-missing', 'the entry holds no secret for this user');
  const plaintext = await unwrap(
    userBoxSeed(userKeysOf(secrets.generations, own.generation)),
    context(own),
    own.sealed,
  );
  if (plaintext.length !== length) throw doesNotOpen();
  return plaintext;
}

function requireCommitment(secrets: NamespaceSecrets, epoch: number, commitment: Uint8Array): void {
  if (!isEqualSecret(epochCommitment(epoch, epochSecretOf(secrets, epoch), secrets.lifetime), commitment))
    throw doesNotOpen();
}

function secretContext(
  type: 'namespace-secrets' | 'epoch-secret',
  owner: Uint8Array,
  to: { readonly user: UserId; readonly generation: number },
  epoch: number,
): WrapContext {
  return { type, owner, recipient: fromHex(to.user), generation: to.generation, epoch };
}

function previousContext({
  namespaceId,
  epoch,
}: {
  readonly namespaceId: NamespaceId;
  readonly epoch: number;
}): Uint8Array {
  return encodeCbor([1, 'previous-epoch', fromHex(namespaceId), epoch]);
}
