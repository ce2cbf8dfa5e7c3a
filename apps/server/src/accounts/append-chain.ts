import { extendChain, linkHash, namespaceIdOf, parseEntry, verifyChain, type UserChain } from '@onefold/journal';
import {
  chainLinkSchema,
  decodeCanonicalWire,
  OnefoldError,
  type AppendChainRequest,
  type DeviceId,
  type KeyBox,
  type NamespaceHead,
  type NamespaceId,
  type RecoverRequest,
  type SignedLink,
  type UserId,
} from '@onefold/protocol';
import type { ServerContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import { decideEntry } from '../journal/commit.ts';
import { createNamespace } from '../journal/create-namespace.ts';
import type { SqlDialect, Writer } from '../metadata/database.ts';
import { readAccess, readCaller, type Caller } from './access.ts';
import { recordAudit } from './audit.ts';
import { readLinks } from './chain-cache.ts';
import { insertBoxes, insertDevices, insertLinks } from './create-account.ts';
import { readLogin, type Login } from './login.ts';
import { keepRotation, requireRekeyed } from './rotate-keys.ts';

interface Appended {
  readonly chainLength: number;
  /** Of a namespace that was made. */
  readonly made?: NamespaceHead;
  /** Of namespaces whose journals grew with the chain. */
  readonly grown?: readonly NamespaceHead[];
}

/**
 * Appends links to the caller's own chain, all or nothing, if they follow its last one; with them the namespace they pin is made, the keys of a rotation
 * are kept, and entries that follow the longer chain are committed. The same request again is answered alike. Throws `chain-conflict` when the chain
 * has grown, `behind` when a journal has, `chain-invalid`, `invalid-argument`, and what the predicate says of the entries.
 */
export async function appendChain(
  context: ServerContext,
  caller: Caller,
  request: AppendChainRequest,
): Promise<number> {
  for (const link of request.links) {
    const { type } = decodeCanonicalWire(chainLinkSchema, link.link, 'chain-invalid');
    if (type === 'add-device' || type === 'recover')
      throw new OnefoldError('invalid-argument', 'devices are added with their key box, by a call of its own');
  }
  const nowMs = context.nowMs();
  const appended = await context.metadata.write((writer) => append(context, writer, caller, request, nowMs));
  announce(context, caller.user, appended);
  return appended.chainLength;
}

/** Adds the device of a login: one add-device link, and the user keys sealed to it. Uses the login up. Throws as appendChain, and `session-expired`. */
export async function addDevice(
  context: ServerContext,
  loginToken: string,
  link: SignedLink,
  boxes: readonly KeyBox[],
): Promise<number> {
  const { type, n } = decodeCanonicalWire(chainLinkSchema, link.link, 'chain-invalid');
  if (type !== 'add-device') throw new OnefoldError('invalid-argument', 'expected an add-device link');
  const nowMs = context.nowMs();
  const { user, appended } = await context.metadata.write(async (writer) => {
    const { user } = await readLogin(writer, loginToken, nowMs);
    await context.metadata.sql.lockUser(writer, idBytes(user));
    // Read again under the lock: of two requests of one login the second sees what the first has added.
    const login = await readLogin(writer, loginToken, nowMs);
    return { user, appended: await addLinked(context, writer, login, { link, n, boxes }, nowMs) };
  });
  announce(context, user, appended);
  return appended.chainLength;
}

/**
 * Adds a device that an active one has linked: the caller signs its link, too. Throws as appendChain, and `forbidden` for a link that some other device
 * has signed.
 */
export async function addLinkedDevice(
  context: ServerContext,
  caller: Caller,
  link: SignedLink,
  boxes: readonly KeyBox[],
): Promise<number> {
  const { type, n } = decodeCanonicalWire(chainLinkSchema, link.link, 'chain-invalid');
  if (type !== 'add-device') throw new OnefoldError('invalid-argument', 'expected an add-device link');
  const voucher = link.signatures[1]?.signer;
  if (voucher?.kind !== 'device' || voucher.device !== caller.device)
    throw new OnefoldError('forbidden', 'a device is linked by the one that signed for it');
  const nowMs = context.nowMs();
  const appended = await context.metadata.write(async (writer) => {
    await context.metadata.sql.lockUser(writer, idBytes(caller.user));
    await readCaller(writer, caller.tokenHash, nowMs);
    if (await isRepeated(writer, caller.user, n, [link]))
      return { chainLength: await chainLengthOf(writer, caller.user) };
    return (await addWithBoxes(context, writer, caller.user, { link, boxes }, nowMs)).appended;
  });
  announce(context, caller.user, appended);
  return appended.chainLength;
}

/**
 * Appends the link of somebody who has proved the recovery phrase. What its namespaces need, pins and epochs, the new device commits before its next
 * change in each. The same request again is answered alike. Throws as appendChain.
 */
export async function recoverAccount(context: ServerContext, user: UserId, request: RecoverRequest): Promise<number> {
  const { link, boxes, login } = request;
  const { type, n } = decodeCanonicalWire(chainLinkSchema, link.link, 'chain-invalid');
  if (type !== 'recover') throw new OnefoldError('invalid-argument', 'expected a recover link');
  const nowMs = context.nowMs();
  const { sql } = context.metadata;
  const appended = await context.metadata.write(async (writer): Promise<Appended> => {
    await sql.lockUser(writer, idBytes(user));
    if (await isRepeated(writer, user, n, [link])) return { chainLength: await chainLengthOf(writer, user) };
    const before = await load(writer, user);
    if (n !== before.length)
      throw new OnefoldError('chain-conflict', 'this link does not follow the last one of the chain');
    const chain = extendChain(before, [link]);
    await keepLinks(writer, sql, chain, [link], n, nowMs);
    await keepRotation(writer, sql, before, chain, { boxes, login });
    return { chainLength: chain.length };
  });
  announce(context, user, appended);
  return appended.chainLength;
}

/** Stores links, and what they say of devices. */
async function keepLinks(
  writer: Writer,
  sql: SqlDialect,
  chain: UserChain,
  links: readonly SignedLink[],
  fromN: number,
  nowMs: number,
): Promise<void> {
  await insertLinks(writer, sql, chain, [...links], fromN);
  await insertDevices(writer, sql, chain, fromN, nowMs);
  await revokeDevices(writer, sql, chain, fromN, nowMs);
  await writer
    .updateTable('user')
    .set({ chain_length: chain.length, chain_hash: idBytes(chain.hash) })
    .where('user', '=', idBytes(chain.user))
    .execute();
  await recordAudit(writer, sql, { action: 'chain-appended', user: chain.user }, nowMs);
}

async function addLinked(
  context: ServerContext,
  writer: Writer,
  login: Login,
  { link, n, boxes }: { readonly link: SignedLink; readonly n: number; readonly boxes: readonly KeyBox[] },
  nowMs: number,
): Promise<Appended> {
  const { user } = login;
  if (await isRepeated(writer, user, n, [link])) return { chainLength: await chainLengthOf(writer, user) };
  if (login.device !== undefined)
    throw new OnefoldError('session-expired', 'this login has added its device; log in again for another');
  const { appended, device } = await addWithBoxes(context, writer, user, { link, boxes }, nowMs);
  await writer
    .updateTable('session')
    .set({ device: idBytes(device) })
    .where('token_hash', '=', login.tokenHash)
    .execute();
  return appended;
}

async function addWithBoxes(
  context: ServerContext,
  writer: Writer,
  user: UserId,
  { link, boxes }: { readonly link: SignedLink; readonly boxes: readonly KeyBox[] },
  nowMs: number,
): Promise<{ readonly appended: Appended; readonly device: DeviceId }> {
  const { sql } = context.metadata;
  const chain = await load(writer, user);
  const appended = await append(context, writer, { user }, { links: [link] }, nowMs);
  const after = extendChain(chain, [link]);
  const device = [...after.devices.keys()].find((id) => !chain.devices.has(id));
  const isForIt = boxes.every(({ recipient }) => recipient.kind === 'device' && recipient.device === device);
  const isCurrent = boxes.some(({ generation }) => generation === after.generation);
  if (device === undefined || !isForIt || !isCurrent)
    throw new OnefoldError('invalid-argument', 'the key boxes must be for the new device, the current keys among them');
  await insertBoxes(writer, sql, user, boxes);
  await recordAudit(writer, sql, { action: 'device-added', user, device }, nowMs);
  return { appended, device };
}

async function append(
  context: ServerContext,
  writer: Writer,
  caller: Pick<Caller, 'user'> & Partial<Pick<Caller, 'device' | 'tokenHash'>>,
  request: AppendChainRequest,
  nowMs: number,
): Promise<Appended> {
  const { sql } = context.metadata;
  const { user } = caller;
  const { links, genesis, entries = [] } = request;
  const [first] = links;
  if (first === undefined) throw new OnefoldError('invalid-argument', 'no links');
  const { n } = decodeCanonicalWire(chainLinkSchema, first.link, 'chain-invalid');
  await sql.lockUser(writer, idBytes(user));
  // Lock order everywhere: the user, then the namespaces by id.
  for (const namespace of [...new Set(entries.map(({ namespaceId }) => namespaceId))].sort())
    await sql.lockNamespace(writer, idBytes(namespace));
  // Who was removed while this waited for its turn must not be heard any more.
  if (caller.tokenHash !== undefined) await readCaller(writer, caller.tokenHash, nowMs);
  if (await isRepeated(writer, user, n, links)) return { chainLength: await chainLengthOf(writer, user) };
  const before = await load(writer, user);
  if (n !== before.length)
    throw new OnefoldError('chain-conflict', 'these links do not follow the last one of the chain');
  const chain = extendChain(before, links);
  await keepLinks(writer, sql, chain, links, n, nowMs);
  if (caller.device !== undefined) await keepRotation(writer, sql, before, chain, request);
  const grown = await commitAlong(context, writer, caller, chain, entries, nowMs);
  await requireRekeyed(writer, chain, n, grown.rekeyed);
  const appended = { chainLength: chain.length, grown: grown.heads };
  if (genesis === undefined) return appended;
  const pinned = chain.namespaces.filter((namespace) => namespace.n >= n).map((namespace) => namespace.namespaceId);
  if (!pinned.includes(namespaceIdOf(genesis)))
    throw new OnefoldError('chain-invalid', 'the links do not pin the namespace to be made');
  return { ...appended, made: await createNamespace(context, writer, chain, genesis, nowMs) };
}

/** Commits pins and epochs on top of each other, judged by the chain as it is now. */
async function commitAlong(
  context: ServerContext,
  writer: Writer,
  caller: Partial<Pick<Caller, 'device' | 'tokenHash'>>,
  chain: UserChain,
  entries: NonNullable<AppendChainRequest['entries']>,
  nowMs: number,
): Promise<{ readonly heads: NamespaceHead[]; readonly rekeyed: ReadonlySet<NamespaceId> }> {
  const heads = new Map<NamespaceId, NamespaceHead>();
  const rekeyed = new Set<NamespaceId>();
  const chainOf: Parameters<typeof decideEntry>[5] = (user, n) =>
    user === chain.user ? Promise.resolve(chain) : context.chains.reaching(writer, user, n);
  for (const { namespaceId, entry } of entries) {
    const parsed = parseEntry(entry);
    if (caller.tokenHash === undefined || parsed.header.device !== caller.device)
      throw new OnefoldError('forbidden', 'an entry is committed by the device that signed it');
    if (parsed.type !== 'pin' && parsed.type !== 'epoch')
      throw new OnefoldError('invalid-argument', 'only pins and epochs go along with links');
    const access = await readAccess(writer, context.metadata.sql, caller.tokenHash, namespaceId, nowMs);
    const decision = await decideEntry(context, writer, access, parsed, nowMs, chainOf);
    if (decision.outcome === 'error') throw new OnefoldError(decision.code, decision.message);
    if (decision.outcome !== 'written') throw new OnefoldError('behind', 'the base of this entry is too old');
    heads.set(namespaceId, decision.head);
    if (decision.epoch > access.epoch) rekeyed.add(namespaceId);
  }
  return { heads: [...heads.values()], rekeyed };
}

/** True when exactly these links stand at their positions already: an answer was lost. */
async function isRepeated(writer: Writer, user: UserId, fromN: number, links: readonly SignedLink[]): Promise<boolean> {
  const rows = await writer
    .selectFrom('user_chain')
    .select('hash')
    .where('user', '=', idBytes(user))
    .where('n', '>=', fromN)
    .where('n', '<', fromN + links.length)
    .orderBy('n')
    .execute();
  return rows.length === links.length && rows.every((row, i) => idOf(row.hash) === linkHash(links[i] as SignedLink));
}

async function chainLengthOf(writer: Writer, user: UserId): Promise<number> {
  const row = await writer
    .selectFrom('user')
    .select('chain_length')
    .where('user', '=', idBytes(user))
    .executeTakeFirstOrThrow();
  return row.chain_length;
}

async function load(writer: Writer, user: UserId): Promise<UserChain> {
  return verifyChain(await readLinks(writer, user, 0), { user });
}

/** Ends the sessions of devices that the links from `fromN` on revoke. */
async function revokeDevices(
  writer: Writer,
  sql: SqlDialect,
  chain: UserChain,
  fromN: number,
  nowMs: number,
): Promise<void> {
  for (const [id, device] of chain.devices) {
    if (device.revokedAt === undefined || device.revokedAt < fromN) continue;
    await writer
      .updateTable('device')
      .set((row) => ({ revoked_n: device.revokedAt ?? null, version: row('version', '+', 1) }))
      .where('device', '=', idBytes(id))
      .execute();
    await writer
      .deleteFrom('key_box')
      .where('user', '=', idBytes(chain.user))
      .where('recipient', '=', idBytes(id))
      .execute();
    await recordAudit(writer, sql, { action: 'device-revoked', user: chain.user, device: id }, nowMs);
  }
}

function announce(context: ServerContext, user: UserId, appended: Appended): void {
  context.bus.publish({ kind: 'chain', user, chainLength: appended.chainLength });
  for (const head of appended.grown ?? []) context.bus.publish({ kind: 'head', head });
  if (appended.made === undefined) return;
  context.bus.publish({ kind: 'membership', user });
  context.bus.publish({ kind: 'head', head: appended.made });
}
