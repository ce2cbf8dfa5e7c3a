import { toOnefoldError, type UserId } from '@onefold/protocol';
import { linkHash, verifyChain, type UserChain } from '@onefold/journal';
import { readLinks } from '../accounts/chain-cache.ts';
import { emailKey } from '../accounts/create-account.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import type { PackStore } from '../packs/pack-store.ts';
import { orDamage, type Damage, type Note } from './damage.ts';
import { checkObjects, checkPacks } from './check-packs.ts';
import { replayNamespaces } from './replay-namespaces.ts';

export interface FsckReport {
  readonly users: number;
  readonly namespaces: number;
  readonly entries: number;
  readonly packs: number;
  readonly blocks: number;
  readonly damage: readonly Damage[];
  /** Objects that no pack row names: left by a crash between storing and recording. Harmless. */
  readonly strayObjects: readonly string[];
}

/**
 * Re-hashes every block of every pack, resolves every reference, verifies every user chain and replays every journal with the predicate, comparing the
 * state tables with what the replay gives. Changes nothing. A data folder must not be in use; nodes may go on: the metadata are those of one moment, and a pack
 * that is not what they say is damage only if it is still where they say.
 */
export function fsck(metadata: MetadataDatabase, packs: PackStore): Promise<FsckReport> {
  return metadata.snapshot((read) => check({ ...metadata, read }, metadata, packs));
}

async function check(metadata: MetadataDatabase, now: MetadataDatabase, packs: PackStore): Promise<FsckReport> {
  const damage: Damage[] = [];
  const note = (what: Damage['what'], text: string): void => void damage.push({ what, text });
  const own = await orDamage(note, 'integrity', () => metadata.sql.integrity(metadata.read));
  for (const line of own ?? []) note('database', line);
  const chains = new Map<UserId, UserChain>();
  await orDamage(note, 'user chains', () => verifyChains(metadata, chains, note));
  await orDamage(note, 'devices', () => checkDevices(metadata, chains, note));
  const kept = await orDamage(note, 'chains of deleted users', () => verifyKeptChains(metadata, chains, note));
  const journals = await orDamage(note, 'namespaces', () =>
    replayNamespaces(metadata, new Map([...chains, ...(kept ?? [])]), note),
  );
  const stored = await orDamage(note, 'packs', () => checkPacks(metadata, now, packs, note));
  // What no row names may have been named by one that is lost, and any of them where the rows cannot be read.
  const isNamed = (pack: string): boolean => damage.some(({ what, text }) => what === 'pack' && text.includes(pack));
  await orDamage(note, 'packs', () => checkObjects(packs, note, stored?.strayObjects, isNamed));
  return {
    users: chains.size,
    ...(journals ?? { namespaces: 0, entries: 0 }),
    ...(stored ?? { packs: 0, blocks: 0, strayObjects: [] }),
    damage,
  };
}

/** The report of a database that cannot even be opened: of its packs, and of its files. */
export function unreadable(
  thrown: unknown,
  packs: { readonly packs: number; readonly damage: readonly Damage[] },
  inFiles: readonly Damage[],
): FsckReport {
  const text = `it cannot be opened: ${toOnefoldError(thrown).message}`;
  const damage: Damage[] = [...inFiles, { what: 'database', text }, ...packs.damage];
  return { users: 0, namespaces: 0, entries: 0, packs: packs.packs, blocks: 0, strayObjects: [], damage };
}

async function verifyChains(metadata: MetadataDatabase, chains: Map<UserId, UserChain>, note: Note): Promise<void> {
  const users = await metadata.read
    .selectFrom('user')
    .select(['user', 'chain_length', 'chain_hash', 'email', 'email_key'])
    .execute();
  for (const row of users) {
    const user = idOf<UserId>(row.user);
    try {
      const links = await readLinks(metadata.read, user, 0);
      const chain = verifyChain(links, { user });
      chains.set(user, chain);
      if (emailKey(row.email) !== row.email_key) note('state', `user ${user}: the address is kept in two ways`);
      if (chain.length !== row.chain_length || chain.hash !== idOf(row.chain_hash))
        note('chain', `user ${user}: the chain does not end where the user's row says`);
      const hashes = await metadata.read
        .selectFrom('user_chain')
        .select('hash')
        .where('user', '=', idBytes(user))
        .orderBy('n')
        .execute();
      if (links.some((link, n) => linkHash(link) !== idOf(hashes[n]?.hash ?? new Uint8Array())))
        note('chain', `user ${user}: a link's stored hash is not its hash`);
    } catch (thrown) {
      note('chain', `user ${user}: ${String(thrown)}`);
    }
  }
}

/** Chains of users whose accounts are gone, and who are named in namespaces of others. */
async function verifyKeptChains(
  metadata: MetadataDatabase,
  known: ReadonlyMap<UserId, UserChain>,
  note: Note,
): Promise<Map<UserId, UserChain>> {
  const kept = new Map<UserId, UserChain>();
  const rows = await metadata.read
    .selectFrom('user_chain as c')
    .innerJoin('deleted_id as d', 'd.id', 'c.user')
    .select('c.user')
    .distinct()
    .execute();
  for (const row of rows) {
    const user = idOf<UserId>(row.user);
    if (known.has(user)) continue;
    await orDamage(note, `user ${user}`, async () => {
      kept.set(user, verifyChain(await readLinks(metadata.read, user, 0), { user }));
    });
  }
  return kept;
}

/** The device table must say what the chains say. */
async function checkDevices(
  metadata: MetadataDatabase,
  chains: ReadonlyMap<UserId, UserChain>,
  note: Note,
): Promise<void> {
  const rows = await metadata.read
    .selectFrom('device')
    .select(['device', 'user', 'signing_key', 'added_n', 'revoked_n'])
    .execute();
  const count = [...chains.values()].reduce((sum, chain) => sum + chain.devices.size, 0);
  if (count !== rows.length) note('state', `${rows.length} devices are kept, the chains have ${count}`);
  for (const row of rows) {
    const told = chains.get(idOf<UserId>(row.user))?.devices.get(idOf(row.device));
    const isSame =
      told !== undefined &&
      told.addedAt === row.added_n &&
      (told.revokedAt ?? null) === row.revoked_n &&
      idOf(told.signingKey) === idOf(row.signing_key);
    if (!isSame) note('state', `device ${idOf(row.device)}: its row differs from the chain`);
  }
}
