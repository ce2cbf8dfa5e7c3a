import { extendChain, linkHash, namespaceIdOf, verifyChain, type UserChain } from '@onefold/journal';
import {
  chainLinkSchema,
  decodeCanonicalWire,
  OnefoldError,
  type AppendChainRequest,
  type KeyBox,
  type NamespaceHead,
  type SignedLink,
  type UserId,
} from '@onefold/protocol';
import type { ServerContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import { createNamespace } from '../journal/create-namespace.ts';
import type { SqlDialect, Writer } from '../metadata/database.ts';
import type { Caller } from './access.ts';
import { recordAudit } from './audit.ts';
import { readLinks } from './chain-cache.ts';
import { insertBoxes, insertDevices, insertLinks } from './create-account.ts';
import { readLogin, type Login } from './login.ts';

interface Appended {
  readonly chainLength: number;
  readonly head?: NamespaceHead;
}

/**
 * Appends links to the caller's own chain, all or nothing, if they follow its last one; with a genesis the namespace that the links pin is made too. The
 * same request again is answered alike. Throws `chain-conflict` when the chain has grown, `chain-invalid`, `invalid-argument`.
 */
export async function appendChain(
  context: ServerContext,
  caller: Caller,
  request: AppendChainRequest,
): Promise<number> {
  for (const link of request.links)
    if (decodeCanonicalWire(chainLinkSchema, link.link, 'chain-invalid').type === 'add-device')
      throw new OnefoldError('invalid-argument', 'devices are added with their key box, by POST /v1/devices');
  const nowMs = context.nowMs();
  const appended = await context.metadata.write((writer) =>
    append(context, writer, caller.user, request.links, nowMs, request.genesis),
  );
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

async function addLinked(
  context: ServerContext,
  writer: Writer,
  login: Login,
  { link, n, boxes }: { readonly link: SignedLink; readonly n: number; readonly boxes: readonly KeyBox[] },
  nowMs: number,
): Promise<Appended> {
  const { user } = login;
  const { sql } = context.metadata;
  if (await isRepeated(writer, user, n, [link])) return { chainLength: await chainLengthOf(writer, user) };
  if (login.device !== undefined)
    throw new OnefoldError('session-expired', 'this login has added its device; log in again for another');
  const chain = await load(writer, user);
  const result = await append(context, writer, user, [link], nowMs);
  const added = [...extendChain(chain, [link]).devices.keys()].find((id) => !chain.devices.has(id));
  const isForIt = boxes.every(({ recipient }) => recipient.kind === 'device' && recipient.device === added);
  if (added === undefined || !isForIt)
    throw new OnefoldError('invalid-argument', 'the key box must be for the new device');
  await insertBoxes(writer, sql, user, boxes);
  await writer
    .updateTable('session')
    .set({ device: idBytes(added) })
    .where('token_hash', '=', login.tokenHash)
    .execute();
  await recordAudit(writer, sql, { action: 'device-added', user, device: added }, nowMs);
  return result;
}

async function append(
  context: ServerContext,
  writer: Writer,
  user: UserId,
  links: readonly SignedLink[],
  nowMs: number,
  genesis?: AppendChainRequest['genesis'],
): Promise<Appended> {
  const { sql } = context.metadata;
  const [first] = links;
  if (first === undefined) throw new OnefoldError('invalid-argument', 'no links');
  const { n } = decodeCanonicalWire(chainLinkSchema, first.link, 'chain-invalid');
  await sql.lockUser(writer, idBytes(user));
  if (await isRepeated(writer, user, n, links)) return { chainLength: await chainLengthOf(writer, user) };
  const before = await load(writer, user);
  if (n !== before.length)
    throw new OnefoldError('chain-conflict', 'these links do not follow the last one of the chain');
  const chain = extendChain(before, links);
  await insertLinks(writer, sql, chain, [...links], n);
  await insertDevices(writer, sql, chain, n, nowMs);
  await revokeDevices(writer, sql, chain, n, nowMs);
  await writer
    .updateTable('user')
    .set({ chain_length: chain.length, chain_hash: idBytes(chain.hash) })
    .where('user', '=', idBytes(user))
    .execute();
  await recordAudit(writer, sql, { action: 'chain-appended', user }, nowMs);
  const pinned = chain.namespaces.filter((namespace) => namespace.n >= n).map((namespace) => namespace.namespaceId);
  if (genesis === undefined) return { chainLength: chain.length };
  if (!pinned.includes(namespaceIdOf(genesis)))
    throw new OnefoldError('chain-invalid', 'the links do not pin the namespace to be made');
  return { chainLength: chain.length, head: await createNamespace(context, writer, chain, genesis, nowMs) };
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
  if (appended.head === undefined) return;
  context.bus.publish({ kind: 'membership', user });
  context.bus.publish({ kind: 'head', head: appended.head });
}
