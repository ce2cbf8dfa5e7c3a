import { isDeviceActive, type UserChain } from '@onefold/journal';
import { OnefoldError, type AppendChainRequest, type KeyBox, type NamespaceId } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { SqlDialect, Writer } from '../metadata/database.ts';
import { insertBoxes, verifierOf } from './create-account.ts';

/**
 * What must come along with links that open a generation of user keys or take devices out: nobody who stays may be left without the new keys, and
 * nobody who goes may be left with a say in a journal.
 */

/** Stores the key boxes of a rotation, and with a new login what proves it. Throws `invalid-argument` where one is missing or one too many. */
export async function keepRotation(
  writer: Writer,
  sql: SqlDialect,
  before: UserChain,
  after: UserChain,
  { boxes = [], login }: Pick<AppendChainRequest, 'boxes' | 'login'>,
): Promise<void> {
  const opened = [...after.generations.keys()].filter((generation) => !before.generations.has(generation));
  const isNewLogin = !isSame(before.loginBoxKey, after.loginBoxKey);
  if (isNewLogin !== (login !== undefined))
    throw new OnefoldError('invalid-argument', 'a new login comes with its link, and the link with the login');
  const active = [...after.devices.keys()].filter((device) => isDeviceActive(after, device, after.length - 1));
  const wanted = new Set<string>();
  for (const generation of isNewLogin ? after.generations.keys() : opened) wanted.add(`${generation}/login`);
  for (const generation of opened) {
    wanted.add(`${generation}/phrase`);
    for (const device of active) wanted.add(`${generation}/${device}`);
  }
  const given = boxes.map(nameOf);
  if (given.length !== wanted.size || given.some((name) => !wanted.has(name)) || new Set(given).size !== given.length)
    throw new OnefoldError('invalid-argument', 'new user keys are sealed to every device that stays, login and phrase');
  const user = idBytes(after.user);
  if (login !== undefined) {
    await writer.deleteFrom('key_box').where('user', '=', user).where('recipient_kind', '=', 'login').execute();
    // Whoever began to log in with the old password does not come to an end with it.
    await writer.deleteFrom('session').where('user', '=', user).where('kind', '=', 'login').execute();
    await writer
      .updateTable('user')
      .set({
        salt: login.salt,
        kdf_memory_kib: login.kdf.memoryKib,
        kdf_passes: login.kdf.passes,
        kdf_lanes: login.kdf.lanes,
        auth_verifier: verifierOf(login.authKey),
      })
      .where('user', '=', user)
      .execute();
  }
  await insertBoxes(writer, sql, after.user, boxes);
}

/**
 * After a revocation: every namespace of the user is pinned at or behind the link, and has opened an epoch in this transaction. `rekeyed` are those that
 * did. Throws `behind` for a namespace the author did not know of.
 */
export async function requireRekeyed(
  writer: Writer,
  chain: UserChain,
  fromN: number,
  rekeyed: ReadonlySet<NamespaceId>,
): Promise<void> {
  if (![...chain.devices.values()].some(({ revokedAt }) => revokedAt !== undefined && revokedAt >= fromN)) return;
  const rows = await writer
    .selectFrom('member')
    .select(['namespace', 'pin_n'])
    .where('user', '=', idBytes(chain.user))
    .where('role', '!=', 'removed')
    .execute();
  for (const row of rows)
    if (row.pin_n !== chain.length - 1 || !rekeyed.has(idOf<NamespaceId>(row.namespace)))
      throw new OnefoldError('behind', 'a device is removed from every namespace of the account at once');
}

function nameOf({ generation, recipient }: KeyBox): string {
  return `${generation}/${recipient.kind === 'device' ? recipient.device : recipient.kind}`;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
