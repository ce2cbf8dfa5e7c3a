import { createHash } from 'node:crypto';
import { linkHash, namespaceIdOf, verifyChain, type UserChain } from '@onefold/journal';
import { encodeCbor, equalBytes, OnefoldError, type CreateAccountRequest, type KeyBox } from '@onefold/protocol';
import type { ServerContext } from '../context.ts';
import { idBytes } from '../id-bytes.ts';
import { createNamespace } from '../journal/create-namespace.ts';
import type { SqlDialect, Writer } from '../metadata/database.ts';
import { recordAudit } from './audit.ts';
import { encodeSignatures } from './chain-cache.ts';
import { isDeleted } from './deleted-ids.ts';

/** The address as it is compared. */
export function emailKey(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}

/** What the server keeps of an authentication key. The key has 128 bits that nobody guesses, so a plain hash is enough. */
export function verifierOf(authKey: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update('onefold/auth-verifier/v1').update(authKey).digest());
}

/**
 * Makes a user with its chain, key boxes, first device and own namespace, all or nothing. The same request again, after a lost answer, is answered
 * alike. Throws `account-exists`, `chain-invalid`, `journal-invalid` and whatever the predicate says of the genesis.
 */
export async function createAccount(context: ServerContext, request: CreateAccountRequest): Promise<void> {
  const { metadata, config } = context;
  if (config.registration === 'closed') throw noNewAccounts();
  const chain = verifyChain(request.links, { user: request.user });
  const [pinned] = chain.namespaces;
  const [device] = chain.devices.keys();
  if (chain.namespaces.length !== 1 || pinned?.use !== 'own' || device === undefined || chain.devices.size !== 1)
    throw new OnefoldError('chain-invalid', 'an account begins with a root, one device and its own namespace');
  if (pinned.namespaceId !== namespaceIdOf(request.genesis))
    throw new OnefoldError('chain-invalid', 'the chain pins another namespace than the one to be made');
  for (const { recipient } of request.boxes)
    if (recipient.kind === 'device' && recipient.device !== device)
      throw new OnefoldError('invalid-argument', 'a key box is for a device that is not in the chain');

  const nowMs = context.nowMs();
  await metadata.write(async (writer) => {
    if (await isSameAccount(writer, request, chain)) return;
    // The same request once more, after the account was deleted.
    if (await isDeleted(writer, idBytes(request.user)))
      throw new OnefoldError('account-deleted', 'this account was deleted');
    if (config.registration === 'first') await refuseSecond(writer);
    await insertUser(writer, metadata.sql, request, chain, nowMs);
    await insertLinks(writer, metadata.sql, chain, request.links, 0);
    await insertBoxes(writer, metadata.sql, request.user, request.boxes);
    await insertDevices(writer, metadata.sql, chain, 0, nowMs);
    await createNamespace(context, writer, chain, request.genesis, nowMs);
    await recordAudit(writer, metadata.sql, { action: 'account-created', user: request.user, device }, nowMs);
  });
}

function noNewAccounts(): OnefoldError {
  return new OnefoldError('forbidden', 'this server takes no new accounts');
}

/** Two that come at once may both be the first on PostgreSQL; on SQLite, which one machine has, transactions are one after the other. */
async function refuseSecond(writer: Writer): Promise<void> {
  const known = await writer.selectFrom('user').select('user').limit(1).executeTakeFirst();
  if (known !== undefined) throw noNewAccounts();
}

/** True for a repeated request. Throws `account-exists` when the address or the user id is taken by anyone else. */
async function isSameAccount(writer: Writer, request: CreateAccountRequest, chain: UserChain): Promise<boolean> {
  const taken = await writer
    .selectFrom('user')
    .select(['user', 'email_key', 'auth_verifier'])
    .where((eb) => eb.or([eb('email_key', '=', emailKey(request.email)), eb('user', '=', idBytes(request.user))]))
    .execute();
  const [known] = taken;
  if (known === undefined) return false;
  const links = await writer
    .selectFrom('user_chain')
    .select('hash')
    .where('user', '=', known.user)
    .where('n', '=', 2)
    .execute();
  const isSame =
    taken.length === 1 &&
    equalBytes(known.user, idBytes(request.user)) &&
    known.email_key === emailKey(request.email) &&
    equalBytes(known.auth_verifier, verifierOf(request.authKey)) &&
    equalBytes(links[0]?.hash ?? new Uint8Array(), idBytes(chain.hash));
  if (!isSame) throw new OnefoldError('account-exists', 'there is an account with this e-mail address');
  return true;
}

async function insertUser(
  writer: Writer,
  sql: SqlDialect,
  request: CreateAccountRequest,
  chain: UserChain,
  nowMs: number,
): Promise<void> {
  await sql.insertMany(writer, 'user', [
    {
      user: idBytes(request.user),
      email_key: emailKey(request.email),
      email: request.email.trim(),
      display_name: null,
      picture: null,
      salt: request.salt,
      kdf_memory_kib: request.kdf.memoryKib,
      kdf_passes: request.kdf.passes,
      kdf_lanes: request.kdf.lanes,
      auth_verifier: verifierOf(request.authKey),
      recovery_verifier: verifierOf(request.recoveryAuthKey),
      chain_length: chain.length,
      chain_hash: idBytes(chain.hash),
      created_at_ms: nowMs,
      quota_bytes: null,
    },
  ]);
}

/** Stores links verbatim from position `fromN` on; `chain` is verified and ends with the last of them. */
export async function insertLinks(
  writer: Writer,
  sql: SqlDialect,
  chain: UserChain,
  links: CreateAccountRequest['links'],
  fromN: number,
): Promise<void> {
  const rows = links.map((link, i) => ({
    user: idBytes(chain.user),
    n: fromN + i,
    link: link.link,
    signatures: encodeSignatures(link),
    hash: idBytes(linkHash(link)),
  }));
  await sql.insertMany(writer, 'user_chain', rows);
}

export async function insertBoxes(
  writer: Writer,
  sql: SqlDialect,
  user: string,
  boxes: readonly KeyBox[],
): Promise<void> {
  const rows = boxes.map(({ generation, recipient, sealed }) => ({
    user: idBytes(user),
    generation,
    recipient_kind: recipient.kind,
    recipient: recipient.kind === 'device' ? idBytes(recipient.device) : new Uint8Array(0),
    sealed,
  }));
  const keys = new Set(rows.map((row) => encodeCbor([row.generation, row.recipient_kind, row.recipient]).join()));
  if (keys.size !== rows.length) throw new OnefoldError('invalid-argument', 'two key boxes for one recipient');
  await sql.insertMany(writer, 'key_box', rows);
}

/** Rows for the devices that the links from `fromN` on added. */
export async function insertDevices(
  writer: Writer,
  sql: SqlDialect,
  chain: UserChain,
  fromN: number,
  nowMs: number,
): Promise<void> {
  const added = [...chain.devices].filter(([, device]) => device.addedAt >= fromN);
  for (const [id] of added) {
    const taken = await writer
      .selectFrom('device')
      .select('device')
      .where('device', '=', idBytes(id))
      .executeTakeFirst();
    if (taken !== undefined) throw new OnefoldError('invalid-argument', 'another account has a device of this id');
  }
  await sql.insertMany(
    writer,
    'device',
    added.map(([id, device]) => ({
      device: idBytes(id),
      user: idBytes(chain.user),
      signing_key: device.signingKey,
      added_n: device.addedAt,
      revoked_n: device.revokedAt ?? null,
      version: 1,
      push_id: null,
      client_version: null,
      last_seen_ms: nowMs,
      is_in_step: 0,
      in_step_ms: null,
      quiet_until_ms: 0,
    })),
  );
}
