import { changeSum, NO_NODES, parseEntry, rootOf, type MemoryJournal } from '@onefold/journal';
import { equalBytes, type Hash, type NamespaceId, type NodeId } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';
import { lastSeqOf, leafOfRow, packRow, unpackRow } from '../journal/node-rows.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import type { CheckpointTable, NamespaceTable, NodeRowTable } from '../metadata/tables.ts';
import type { Told } from './compare-tables.ts';
import type { Note } from './damage.ts';

/** Rows and sum of the tree must be what the replay gives, and rows that are kept for a checkpoint must add up to its root. */
export async function compareTree(
  metadata: MetadataDatabase,
  row: NamespaceTable,
  journal: MemoryJournal,
  { sum, tree }: Pick<Told, 'sum' | 'tree'>,
  note: Note,
): Promise<void> {
  const name = `namespace ${idOf<NamespaceId>(row.namespace)}`;
  const kept = await metadata.read
    .selectFrom('node_row')
    .selectAll()
    .where('namespace', '=', row.namespace)
    .orderBy('node')
    .orderBy('seq')
    .execute();
  const checkpoints = await metadata.read
    .selectFrom('checkpoint')
    .selectAll()
    .where('namespace', '=', row.namespace)
    .orderBy('seq')
    .execute();
  for (const checkpoint of checkpoints) checkCheckpoint(name, checkpoint, kept, journal, note);
  // A journal of before there were sums, which nobody has begun to go through.
  if (sum === undefined && kept.length === 0 && checkpoints.length === 0) return;
  // As far as that has been gone through.
  const newest = checkpoints.reduce((last, { seq, entry_seq }) => (entry_seq <= (sum?.seq ?? -1) ? seq : last), -1);
  const isSame =
    sum !== undefined &&
    sum.checkpoint_seq === newest &&
    sum.nodes === tree?.root?.count &&
    rootOf({ count: sum.nodes, lanes: sum.lanes }) === tree.root.hash;
  if (!isSame) note('state', `${name}: the sum over its nodes differs from the journal`);
  const rows = tree?.rows ?? journal.rows;
  const now = new Map<string, NodeRowTable>();
  for (const one of kept) now.set(idOf(one.node), one);
  if (now.size !== rows.size)
    note('state', `${name}: rows of ${now.size} nodes are kept, the journal has ${rows.size}`);
  for (const [node, stored] of now) {
    const right = rows.get(node as NodeId);
    if (right === undefined || stored.seq !== lastSeqOf(right) || !equalBytes(stored.row, packRow(right)))
      note('state', `${name}: the row of node ${node} differs from the journal`);
  }
  for (const one of kept)
    if (now.get(idOf(one.node)) !== one && one.seq > newest)
      note('state', `${name}: a row of node ${idOf(one.node)} is kept for no checkpoint`);
}

function checkCheckpoint(
  name: string,
  checkpoint: CheckpointTable,
  kept: readonly NodeRowTable[],
  journal: MemoryJournal,
  note: Note,
): void {
  const raw = journal.entries[checkpoint.entry_seq];
  const entry = raw === undefined ? undefined : parseEntry(raw);
  const isSaid =
    entry?.type === 'checkpoint' &&
    checkpoint.entry_seq === checkpoint.seq + 1 &&
    entry.body.seq === checkpoint.seq &&
    entry.body.epoch === checkpoint.epoch &&
    entry.body.hash === idOf<Hash>(checkpoint.hash) &&
    entry.body.nodesRoot === idOf<Hash>(checkpoint.node_root);
  if (!isSaid) return note('state', `${name}: checkpoint ${checkpoint.seq} differs from its entry`);
  const rows = rowsAt(kept, checkpoint.seq).map((one) => unpackRow(idOf<NodeId>(one.node), one.row));
  const root = rootOf(changeSum(NO_NODES, [], rows.map(leafOfRow)));
  if (rows.length !== entry.body.nodes || root !== entry.body.nodesRoot)
    note('state', `${name}: the rows as of checkpoint ${checkpoint.seq} are not what it says`);
}

/** Of rows in the order of node and position, those that stood after entry `seq`. */
export function rowsAt(rows: readonly NodeRowTable[], seq: number): NodeRowTable[] {
  const at = new Map<string, NodeRowTable>();
  for (const row of rows) if (row.seq <= seq) at.set(idOf(row.node), row);
  return [...at.values()];
}
