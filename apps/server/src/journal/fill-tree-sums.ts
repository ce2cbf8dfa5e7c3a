import { parseEntry } from '@onefold/journal';
import type { NamespaceId } from '@onefold/protocol';
import type { StoreContext } from '../context.ts';
import { idOf } from '../id-bytes.ts';
import { emptyTreeSum, foldNodes, treeSumOf } from './fold-nodes.ts';

/** Entries of one transaction. */
const ENTRIES_PER_STEP = 50;

/** Goes through entries that were committed before there were sums. Dying in the middle costs nothing: the next run goes on after the last step. */
export function createTreeSumFiller({
  metadata,
}: Pick<StoreContext, 'metadata'>): (isOver: AbortSignal) => Promise<void> {
  return async (isOver) => {
    const rows = await metadata.read
      .selectFrom('namespace as n')
      .leftJoin('tree_sum as t', 't.namespace', 'n.namespace')
      .select('n.namespace')
      .where((eb) => eb.or([eb('t.seq', 'is', null), eb('t.seq', '<', eb.ref('n.head_seq'))]))
      .execute();
    for (const { namespace } of rows) while (!isOver.aborted && (await fillSome(metadata, namespace)));
  };
}

/** False when nothing is left. */
function fillSome(metadata: StoreContext['metadata'], namespace: Uint8Array): Promise<boolean> {
  return metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, namespace);
    const id = idOf<NamespaceId>(namespace);
    const sum = await treeSumOf(writer, namespace);
    if (sum === undefined) await metadata.sql.insertMany(writer, 'tree_sum', [emptyTreeSum(id)]);
    const entries = await writer
      .selectFrom('entry')
      .select(['seq', 'header', 'signature', 'body'])
      .where('namespace', '=', namespace)
      .where('seq', '>', sum?.seq ?? 0)
      .orderBy('seq')
      .limit(ENTRIES_PER_STEP)
      .execute();
    const isFolded = await foldNodes(
      writer,
      metadata.sql,
      id,
      entries.map(({ seq, ...raw }) => ({ seq, parsed: parseEntry(raw) })),
    );
    return isFolded && entries.length === ENTRIES_PER_STEP;
  });
}
