import type { BlockChange } from '@onefold/journal';
import type { CtHash, NamespaceId, NodeId } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import type { NamespaceTable, VersionBlockTable } from '../metadata/tables.ts';
import type { Told } from './compare-tables.ts';
import type { Note } from './damage.ts';

type Said = Pick<VersionBlockTable, 'ct_hash' | 'is_added'>;

/**
 * What kept versions say of blocks must add up, at each of them, to what the entries say that it uses. A version that went handed what it said to the next
 * one, so that no more than the sums can be compared.
 */
export async function compareUses(
  metadata: MetadataDatabase,
  row: NamespaceTable,
  told: Told,
  note: Note,
): Promise<void> {
  const kept = await metadata.read
    .selectFrom('file_version')
    .select(['node', 'version'])
    .where('namespace', '=', row.namespace)
    .orderBy('node')
    .orderBy('version')
    .execute();
  const named = await metadata.read
    .selectFrom('version_block')
    .select(['node', 'version', 'ct_hash', 'is_added'])
    .where('namespace', '=', row.namespace)
    .execute();
  const versions = Map.groupBy(kept, ({ node }) => idOf<NodeId>(node));
  const said = Map.groupBy(named, ({ node, version }) => `${idOf(node)}:${version}`);
  for (const [node, changes] of told.changes) {
    // What came before is no longer told.
    if (changes[0]?.version !== 1) continue;
    const numbers = (versions.get(node) ?? []).map(({ version }) => version);
    const wrong = firstThatDiffers(changes, numbers, (version) => said.get(`${node}:${version}`) ?? []);
    if (wrong !== undefined)
      note(
        'block',
        `namespace ${idOf<NamespaceId>(row.namespace)}: version ${wrong} of node ${node} does not use what its entry says`,
      );
  }
}

/** Of versions in their order, the first that by its rows uses something else than by its entries. */
function firstThatDiffers(
  changes: readonly BlockChange[],
  versions: readonly number[],
  saidOf: (version: number) => readonly Said[],
): number | undefined {
  const [right, stored, apart] = [new Set<CtHash>(), new Set<CtHash>(), new Set<CtHash>()];
  const use = (blocks: Set<CtHash>, ctHash: CtHash, isUsed: boolean): void => {
    if (isUsed) blocks.add(ctHash);
    else blocks.delete(ctHash);
    if (right.has(ctHash) === stored.has(ctHash)) apart.delete(ctHash);
    else apart.add(ctHash);
  };
  let next = 0;
  for (const version of versions) {
    for (; (changes[next]?.version ?? Infinity) <= version; next++) {
      for (const [ctHash] of changes[next]!.added) use(right, ctHash, true);
      for (const ctHash of changes[next]!.dropped) use(right, ctHash, false);
    }
    for (const { ct_hash, is_added } of saidOf(version)) use(stored, idOf<CtHash>(ct_hash), is_added === 1);
    if (apart.size > 0) return version;
  }
  return undefined;
}
