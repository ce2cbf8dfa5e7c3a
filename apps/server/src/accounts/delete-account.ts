import { equalBytes, OnefoldError, type UserId } from '@onefold/protocol';
import type { ServerContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Writer } from '../metadata/database.ts';
import { withPurgePermit } from '../retention/purge-versions.ts';
import { readCaller, type Caller } from './access.ts';
import { recordAudit } from './audit.ts';
import { verifierOf } from './create-account.ts';
import { prove } from './login.ts';

/*
 * An account goes in one transaction, and what it has stored afterwards:
 *
 *   there -> deleted    nobody gets in: sessions, devices, keys, address, name and picture are gone, sockets closed, and of every namespace that nobody else
 *                       owns nobody is a member any more
 *   doomed namespace -> gone    bit by bit, by `removeDoomed`; its packs go by collection
 *
 * There is no grace. What the person wanted gone is gone for us at once; the files stand on the devices, which are told and leave them alone.
 */

/** Deletes the caller's account. `authKey` proves password and Secret Key. Throws `login-failed`, `login-throttled`, `session-expired`. */
export async function deleteAccount(
  context: ServerContext,
  caller: Caller,
  authKey: Uint8Array,
  address: string,
): Promise<void> {
  const row = await context.metadata.read
    .selectFrom('user')
    .select('email')
    .where('user', '=', idBytes(caller.user))
    .executeTakeFirst();
  if (row === undefined) throw new OnefoldError('session-expired', 'there is no such session, or it has ended');
  let others: readonly UserId[] = [];
  await prove(context, { email: row.email, authKey }, address, 'account-deleted', async (writer, user, nowMs) => {
    await context.metadata.sql.lockUser(writer, idBytes(user));
    await mustStillFit(writer, user, authKey);
    const doomed = await doomNamespaces(context, writer, user, nowMs);
    await readCaller(writer, caller.tokenHash, nowMs);
    others = await dropMembers(writer, user, doomed);
    await forgetUser(context, writer, user, nowMs);
    for (const namespace of doomed)
      await recordAudit(
        writer,
        context.metadata.sql,
        { action: 'namespace-doomed', user, namespace: idOf(namespace) },
        nowMs,
      );
  });
  // Nobody of it is active any more: whoever listens is sent away.
  context.bus.publish({ kind: 'chain', user: caller.user, chainLength: 0 });
  for (const user of others) context.bus.publish({ kind: 'membership', user });
}

/** A password that was changed while this waited for its turn deletes nothing. */
async function mustStillFit(writer: Writer, user: UserId, authKey: Uint8Array): Promise<void> {
  const row = await writer
    .selectFrom('user')
    .select('auth_verifier')
    .where('user', '=', idBytes(user))
    .executeTakeFirst();
  if (row === undefined || !equalBytes(row.auth_verifier, verifierOf(authKey)))
    throw new OnefoldError('login-failed', 'e-mail address, password and Secret Key do not fit together');
}

/** Holds and marks every namespace that has no other owner. */
async function doomNamespaces(
  { metadata }: ServerContext,
  writer: Writer,
  user: UserId,
  nowMs: number,
): Promise<Uint8Array[]> {
  const owned = await writer
    .selectFrom('member')
    .select('namespace')
    .where('user', '=', idBytes(user))
    .where('role', '=', 'owner')
    .orderBy('namespace')
    .execute();
  for (const { namespace } of owned) await metadata.sql.lockNamespace(writer, namespace);
  const doomed: Uint8Array[] = [];
  for (const { namespace } of owned) {
    const other = await writer
      .selectFrom('member')
      .select('user')
      .where('namespace', '=', namespace)
      .where('role', '=', 'owner')
      .where('user', '!=', idBytes(user))
      .limit(1)
      .executeTakeFirst();
    if (other === undefined) doomed.push(namespace);
  }
  const rows = doomed.map((namespace) => ({ namespace, doomed_at_ms: nowMs }));
  await metadata.sql.insertMany(writer, 'doomed_namespace', rows);
  return doomed;
}

/** Whoever else was in these namespaces. */
async function dropMembers(writer: Writer, user: UserId, doomed: readonly Uint8Array[]): Promise<UserId[]> {
  const others = new Set<UserId>();
  for (const namespace of doomed) {
    const rows = await writer.deleteFrom('member').where('namespace', '=', namespace).returning('user').execute();
    for (const row of rows) others.add(idOf<UserId>(row.user));
  }
  others.delete(user);
  return [...others];
}

/** Everything that is kept of the person. In namespaces of others stays what the journal there says, and the chain that its entries are checked with. */
async function forgetUser({ metadata }: ServerContext, writer: Writer, user: UserId, nowMs: number): Promise<void> {
  const key = idBytes(user);
  const devices = await writer.selectFrom('device').select('device').where('user', '=', key).execute();
  for (const { device } of devices) {
    await writer.deleteFrom('challenge').where('device', '=', device).execute();
    await writer.deleteFrom('presence').where('device', '=', device).execute();
  }
  await writer.deleteFrom('session').where('user', '=', key).execute();
  await writer.deleteFrom('linking').where('user', '=', key).execute();
  await writer.deleteFrom('key_box').where('user', '=', key).execute();
  await writer.deleteFrom('device').where('user', '=', key).execute();
  await writer.deleteFrom('user').where('user', '=', key).execute();
  const elsewhere = await writer
    .selectFrom('member')
    .select('namespace')
    .where('user', '=', key)
    .limit(1)
    .executeTakeFirst();
  if (elsewhere === undefined)
    await withPurgePermit(writer, () => writer.deleteFrom('user_chain').where('user', '=', key).execute());
  const gone = [key, ...devices.map(({ device }) => device)].map((id) => ({ id, deleted_at_ms: nowMs }));
  await metadata.sql.insertMany(writer, 'deleted_id', gone, 'keep');
}
