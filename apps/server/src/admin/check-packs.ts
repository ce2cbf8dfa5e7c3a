import { LIMITS, toOnefoldError, type CtHash, type PackIndexEntry } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import type { PackTable } from '../metadata/tables.ts';
import { packIndexHash } from '../packs/arrived-pack.ts';
import type { PackStore } from '../packs/pack-store.ts';
import { isStillThere } from '../packs/read-sound.ts';
import { verifyPack } from '../packs/verify-pack.ts';
import { orDamage, type Note } from './damage.ts';

const GONE = 'its object is missing';

/**
 * Reads and re-hashes every pack, and looks that every block row points at its block. `now`: the same metadata as they have become; what has been moved or
 * collected since is no damage.
 */
export async function checkPacks(
  metadata: MetadataDatabase,
  now: MetadataDatabase,
  packs: PackStore,
  note: Note,
): Promise<{ packs: number; blocks: number; strayObjects: string[] }> {
  const rows = await metadata.read.selectFrom('pack').selectAll().execute();
  let blocks = 0;
  for (const row of rows)
    await orDamage(note, 'pack', async () => {
      const problems: string[] = [];
      const index = await readVerified(packs, row, problems);
      if (problems.length > 0 && !(await isStillThere(now.read, row))) blocks += await countBlocks(metadata, row);
      else {
        for (const problem of problems) note('pack', `pack ${idOf(row.pack)}: ${problem}`);
        if (index !== undefined) blocks += await checkBlocks(metadata, row, index, note);
      }
    });
  await orDamage(note, 'stored bytes', () => checkSizes(metadata, rows, note));
  const { count } = await metadata.read
    .selectFrom('block')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  if (count !== blocks) note('block', `${count} blocks are kept, ${blocks} of them lie in a sound pack`);
  const known = new Map(rows.map((row) => [row.object_key, row]));
  const strayObjects: string[] = [];
  for await (const { objectKey, sizeBytes } of packs.list()) {
    const row = known.get(objectKey);
    if (row === undefined) strayObjects.push(objectKey);
    else if (row.size_bytes < sizeBytes) note('pack', `pack ${idOf(row.pack)}: its object is longer than it was`);
  }
  return { packs: rows.length, blocks, strayObjects: await unnamedAmong(now, strayObjects) };
}

/**
 * Reads and hashes packs by themselves, where no row tells what they should be: all of them, or only these, and none that is `isNamed` already. Answers how many
 * there are. One that has gone meanwhile is none of them.
 */
export async function checkObjects(
  packs: PackStore,
  note: Note,
  only?: readonly string[],
  isNamed: (pack: string) => boolean = () => false,
): Promise<number> {
  const wanted = only === undefined ? undefined : new Set(only);
  let count = 0;
  if (wanted?.size === 0) return count;
  for await (const { objectKey, sizeBytes } of packs.list()) {
    const [, , file = ''] = objectKey.split('/');
    const [pack = ''] = file.split('.');
    if (isNamed(pack) || (wanted !== undefined && !wanted.has(objectKey))) continue;
    count++;
    await orDamage(note, 'pack', async () => {
      const problems: string[] = [];
      if (sizeBytes === 0 || sizeBytes > LIMITS.packBytes) problems.push('its object has a size no pack has');
      else await readWhole(packs, objectKey, sizeBytes, problems);
      for (const problem of problems) if (problem !== GONE) note('pack', `pack ${pack}: ${problem}`);
    });
  }
  return count;
}

async function countBlocks({ read }: MetadataDatabase, row: PackTable): Promise<number> {
  const { count } = await read
    .selectFrom('block')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('namespace', '=', row.namespace)
    .where('pack', '=', row.pack)
    .executeTakeFirstOrThrow();
  return count;
}

/** Those that have not been recorded since. */
async function unnamedAmong({ read }: MetadataDatabase, objectKeys: readonly string[]): Promise<string[]> {
  const unnamed: string[] = [];
  for (const objectKey of objectKeys) {
    const [namespace = '', , file = ''] = objectKey.split('/');
    const named = { namespace: idBytes(namespace), pack: idBytes(file.split('.')[0] ?? ''), object_key: objectKey };
    if (!(await isStillThere(read, named))) unnamed.push(objectKey);
  }
  return unnamed;
}

async function checkSizes(metadata: MetadataDatabase, packs: readonly PackTable[], note: Note): Promise<void> {
  const sums = new Map<string, number>();
  for (const { namespace, size_bytes } of packs)
    sums.set(idOf(namespace), (sums.get(idOf(namespace)) ?? 0) + size_bytes);
  const rows = await metadata.read.selectFrom('namespace').select(['namespace', 'stored_bytes']).execute();
  for (const row of rows)
    if (row.stored_bytes !== (sums.get(idOf(row.namespace)) ?? 0))
      note('state', `namespace ${idOf(row.namespace)}: its packs are not as large together as it says`);
}

async function readVerified(
  packs: PackStore,
  row: PackTable,
  problems: string[],
): Promise<PackIndexEntry[] | undefined> {
  if (!(row.size_bytes > 0 && row.size_bytes <= LIMITS.packBytes)) {
    problems.push('its row gives a size no pack has');
    return undefined;
  }
  const index = await readWhole(packs, row.object_key, row.size_bytes, problems);
  if (index !== undefined && (index.length !== row.block_count || packIndexHash(index) !== idOf(row.index_hash)))
    problems.push('its index is not the one its row tells of');
  return index;
}

async function readWhole(
  packs: PackStore,
  objectKey: string,
  sizeBytes: number,
  problems: string[],
): Promise<PackIndexEntry[] | undefined> {
  const reader = await packs.open(objectKey);
  if (reader === undefined) {
    problems.push(GONE);
    return undefined;
  }
  try {
    return await verifyPack(await reader.read(0, sizeBytes));
  } catch (thrown) {
    problems.push(toOnefoldError(thrown).message);
    return undefined;
  } finally {
    await reader.close();
  }
}

async function checkBlocks(
  metadata: MetadataDatabase,
  row: PackTable,
  index: readonly PackIndexEntry[],
  note: Note,
): Promise<number> {
  const wanted = new Map(index.map((entry) => [entry.ctHash, entry]));
  const rows = await metadata.sql.findMany(
    metadata.read,
    'block',
    ['ct_hash', 'pack', 'offset_bytes', 'length_bytes'],
    ['namespace', 'ct_hash'],
    index.map(({ ctHash }) => [row.namespace, Buffer.from(ctHash, 'hex')]),
  );
  // Fewer than the pack holds is fine: collection forgets what nothing uses, and rewrites the pack once most of it is dead.
  let here = 0;
  for (const block of rows) {
    // The same block may lie in an earlier pack too; then this copy is not the one in use.
    if (idOf(block.pack) !== idOf(row.pack)) continue;
    here++;
    const entry = wanted.get(idOf<CtHash>(block.ct_hash));
    if (entry?.offset !== block.offset_bytes || entry.length !== block.length_bytes)
      note('block', `block ${idOf(block.ct_hash)}: it does not lie where its row says`);
  }
  return here;
}
