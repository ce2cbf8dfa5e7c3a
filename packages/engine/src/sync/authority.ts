import { composeEntry, generationAt, nextHash, entryHash, type UserChain } from '@onefold/journal';
import {
  encodeWire,
  epochBodySchema,
  OnefoldError,
  pinBodySchema,
  toHex,
  type DeviceId,
  type Hash,
  type LaterHeader,
  type NamespaceId,
  type OpId,
  type SignedEntry,
  type UserId,
} from '@onefold/protocol';
import type { KeyStore } from '../ports.ts';
import { commitAlone, resolveInFlight } from './commit.ts';
import { parseMembers, type Members } from './membership.ts';
import { pull } from './pull.ts';
import { record, type Session } from './session.ts';

/*
 * Who may write is read from the journal alone, at the position of the user's chain that is pinned there; who can read hangs on whom the epoch
 * is sealed to. Both follow the chain before this device's next change:
 *
 *   the chain adds this device, or revokes one  -> the pin moves to the chain's end
 *   the pin brought newer user keys              -> a new epoch, sealed to these
 *
 * Who revokes a device commits both together with the link. These rules hold where that was not done, by whatever accident or malice.
 */

/** Does what is due of the above. False when others had committed meanwhile: what was planned without them is planned anew. Throws `forbidden`, `device-revoked`, or what the server says. */
export async function upholdAuthority(session: Session): Promise<boolean> {
  const { keys, sealing, store } = session.ports;
  const before = parseMembers(await store.members());
  const pin = before.members[sealing.user]?.pin;
  if (pin === undefined) throw new OnefoldError('forbidden', 'this user is no member of the namespace');
  const chain = await keys.chain(sealing.user, pin.n);
  const device = chain.devices.get(session.device);
  if (device === undefined || device.revokedAt !== undefined)
    throw new OnefoldError('device-revoked', 'this device is not in its user’s chain');
  const isDue = [...chain.devices.values()].some(({ revokedAt }) => revokedAt !== undefined && revokedAt > pin.n);
  if (device.addedAt > pin.n || isDue) {
    const body = encodeWire(pinBodySchema, { pin: { user: sealing.user, n: chain.length - 1, hash: chain.hash } });
    if (!(await commitAlone(session, 'pin', body))) return false;
  }
  const now = parseMembers(await store.members());
  if (!isSealedToOlderKeys(now, sealing.user, chain)) return true;
  const body = await keys.nextEpoch(session.cursor!.epoch, await recipientsOf(now, keys));
  return commitAlone(session, 'epoch', encodeWire(epochBodySchema, body));
}

function isSealedToOlderKeys({ members, sealedTo }: Members, user: UserId, chain: UserChain): boolean {
  const pin = members[user]?.pin;
  return pin !== undefined && generationAt(chain, pin.n) > (sealedTo[user] ?? 1);
}

/** Every member and the user keys in force where it is pinned. `pinned` is one whose pin is about to move to its chain's end. */
async function recipientsOf(
  { members }: Members,
  keys: Pick<KeyStore, 'chain'>,
  pinned?: UserChain,
): Promise<Parameters<KeyStore['nextEpoch']>[1]> {
  const current = Object.values(members).filter(({ role }) => role !== 'removed');
  return Promise.all(
    current.map(async ({ user, pin }) => {
      const chain = pinned?.user === user ? pinned : await keys.chain(user, pin.n);
      const found = chain.generations.get(generationAt(chain, pinned?.user === user ? chain.length - 1 : pin.n));
      if (found === undefined) throw new OnefoldError('chain-invalid', 'a member has no user keys');
      return { user, generation: found.generation, boxKey: found.boxKey };
    }),
  );
}

/** Where entries are to be signed. */
export interface JournalEnd {
  readonly namespaceId: NamespaceId;
  readonly seq: number;
  readonly hash: Hash;
  readonly epoch: number;
  readonly members: Members;
}

/**
 * A pin of the author's user to the end of `chain`, and an epoch sealed to everyone who is a member then: to be committed one behind the other, with
 * the links by which that chain is longer than the server's. They take the numbers `deviceSeq` and `deviceSeq + 1`.
 */
export async function composeRekey(
  end: JournalEnd,
  author: {
    readonly device: DeviceId;
    readonly deviceSeq: number;
    readonly sign: (message: Uint8Array) => Uint8Array;
    readonly random: (length: number) => Uint8Array;
    readonly keys: Pick<KeyStore, 'chain' | 'nextEpoch'>;
  },
  chain: UserChain,
): Promise<SignedEntry[]> {
  const { device, deviceSeq, sign, random, keys } = author;
  const header = (seq: number, hash: Hash, number: number): Omit<LaterHeader, 'format' | 'type' | 'changesHash'> => ({
    namespaceId: end.namespaceId,
    epoch: end.epoch,
    device,
    deviceSeq: number,
    baseSeq: seq,
    baseHash: hash,
    opId: toHex(random(16)) as OpId,
  });
  const to = { user: chain.user, n: chain.length - 1, hash: chain.hash };
  const pin = composeEntry('pin', { pin: to }, header(end.seq, end.hash, deviceSeq), sign);
  const body = await keys.nextEpoch(end.epoch, await recipientsOf(end.members, keys, chain));
  const seq = end.seq + 1;
  const epoch = composeEntry('epoch', body, header(seq, nextHash(end.hash, seq, entryHash(pin)), deviceSeq + 1), sign);
  return [pin, epoch];
}

/**
 * Between two cycles: with nothing on its way and the journal read to its head, hands `send` the entries of `composeRekey`. Throws what `send` throws, or
 * why the journal cannot be read.
 */
export async function rekey(
  session: Session,
  chain: UserChain,
  send: (entries: readonly SignedEntry[]) => Promise<void>,
): Promise<void> {
  if (session.cursor !== null) await resolveInFlight(session);
  const result = await pull(session);
  const cursor = session.cursor;
  if (result.outcome === 'failed' || session.stopped !== null || cursor === null) {
    const code = result.outcome === 'failed' ? result.code : (session.stopped ?? 'journal-invalid');
    throw new OnefoldError(code, 'the journal of a folder cannot be read');
  }
  const { keys, random, sealing, store } = session.ports;
  const { namespaceId } = session.options;
  const members = parseMembers(await store.members());
  const end = { namespaceId, seq: cursor.remoteSeq, hash: cursor.remoteHash, epoch: cursor.epoch, members };
  const author = {
    device: session.device,
    deviceSeq: cursor.deviceSeq + 1,
    sign: (message: Uint8Array) => sealing.sign(message),
    random: (length: number) => random.bytes(length),
    keys,
  };
  const entries = await composeRekey(end, author, chain);
  // Used up, whether or not they come to stand.
  await record(session, { cursor: { ...cursor, deviceSeq: cursor.deviceSeq + entries.length } });
  await send(entries);
}
