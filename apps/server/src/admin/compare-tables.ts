import { sha256, type BlockChange, type MemoryJournal, type TreeRoot } from '@onefold/journal';
import type { CtHash, Hash, NamespaceId, NodeId, NodeSnapshot, UserId } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import {
  BLOCK_LOST,
  BLOCK_STORED,
  PURGE_BELOW,
  type FileVersionTable,
  type NamespaceTable,
  type TreeSumTable,
} from '../metadata/tables.ts';
import type { Note } from './damage.ts';

type SaidVersion = Omit<FileVersionTable, 'sealed'> & { readonly sealedHash: Hash };

/** What the entries of a namespace say, as far as tables repeat it. */
export interface Told {
  /** Blocks that some version used, with their lengths in bytes. */
  readonly blocks: Map<CtHash, number>;
  /** By versionKey. */
  readonly versions: Map<string, SaidVersion>;
  /** Entries that no longer say what they changed, by position. */
  readonly gone: Map<number, Pick<FileVersionTable, 'device' | 'accepted_at_ms'>>;
  /** Of nodes that such entries made or changed, SHA-256 of the sealed part that the checkpoint has, by versionKey. */
  readonly sealed: Map<string, Hash>;
  /** What each version of a file uses more and less than the one before, oldest first: of versions whose entries are kept. */
  readonly changes: Map<NodeId, BlockChange[]>;
  /** Blocks that the current version of each file uses. */
  readonly used: Map<NodeId, Set<CtHash>>;
  /** The sum over the tree that is kept, and the tree at its position. */
  readonly sum: TreeSumTable | undefined;
  tree?: { readonly root: TreeRoot | undefined; readonly rows: ReadonlyMap<NodeId, NodeSnapshot> };
}

export function versionKey({ node, version }: Pick<FileVersionTable, 'node' | 'version'>): string {
  return `${idOf(node)}:${version}`;
}

/** Nodes, members and the epoch must be what the replay gives. */
export async function compareState(
  metadata: MetadataDatabase,
  row: NamespaceTable,
  journal: MemoryJournal,
  note: Note,
): Promise<void> {
  const namespace = idOf<NamespaceId>(row.namespace);
  if (journal.epoch() !== row.epoch) note('state', `namespace ${namespace}: the epoch differs from the journal`);
  const nodes = await metadata.read.selectFrom('node').selectAll().where('namespace', '=', row.namespace).execute();
  if (nodes.length !== journal.nodes.size)
    note('state', `namespace ${namespace}: ${nodes.length} nodes are kept, the journal has ${journal.nodes.size}`);
  for (const stored of nodes) {
    const state = journal.nodes.get(idOf<NodeId>(stored.node));
    const isSame =
      state !== undefined &&
      state.kind === stored.kind &&
      state.parent === idOf(stored.parent) &&
      state.nameTag === idOf(stored.name_tag) &&
      Number(state.hidden) === stored.hidden &&
      state.placeVersion === stored.place_version &&
      state.contentVersion === stored.content_version &&
      state.attributesVersion === stored.attributes_version &&
      state.lastSeq === stored.last_seq;
    if (!isSame) note('state', `namespace ${namespace}: node ${idOf(stored.node)} differs from the journal`);
  }
  const members = await metadata.read.selectFrom('member').selectAll().where('namespace', '=', row.namespace).execute();
  const isSame =
    members.length === journal.members.size &&
    members.every((stored) => {
      const member = journal.members.get(idOf<UserId>(stored.user));
      return member?.role === stored.role && member.pin.n === stored.pin_n && member.pin.hash === idOf(stored.pin_hash);
    });
  if (!isSame) note('state', `namespace ${namespace}: the members differ from the journal`);
}

/** Every kept version must be one that its entry made, and every file that is not purged must have its current one. */
export async function compareVersions(
  metadata: MetadataDatabase,
  row: NamespaceTable,
  told: Told,
  note: Note,
): Promise<void> {
  const namespace = idOf<NamespaceId>(row.namespace);
  const kept = await metadata.read
    .selectFrom('file_version')
    .selectAll()
    .where('namespace', '=', row.namespace)
    .execute();
  for (const stored of kept) {
    const right = told.versions.get(versionKey(stored)) ?? rightOfGone(told, stored);
    const isSame =
      right !== undefined &&
      right.seq === stored.seq &&
      right.epoch === stored.epoch &&
      right.accepted_at_ms === stored.accepted_at_ms &&
      idOf(right.device) === idOf(stored.device) &&
      right.sealedHash === sha256(stored.sealed);
    if (!isSame)
      note(
        'state',
        `namespace ${namespace}: version ${stored.version} of node ${idOf(stored.node)} differs from its entry`,
      );
  }
  const keys = new Set(kept.map((version) => versionKey(version)));
  const nodes = await metadata.read
    .selectFrom('node')
    .select(['node', 'content_version as version'])
    .where('namespace', '=', row.namespace)
    .where('content_version', '>', 0)
    .where((eb) => eb.or([eb('purge_state', 'is', null), eb('purge_state', '=', PURGE_BELOW)]))
    .execute();
  for (const current of nodes)
    if (!keys.has(versionKey(current)))
      note('state', `namespace ${namespace}: the current version of node ${idOf(current.node)} is not kept`);
}

/** What can be said of a version whose entry is gone: when and by whom it was made, and, of the one that the checkpoint has, its bytes. */
function rightOfGone(told: Told, stored: FileVersionTable): SaidVersion | undefined {
  const gone = told.gone.get(stored.seq);
  if (gone === undefined) return undefined;
  const { sealed, ...rest } = stored;
  return { ...rest, ...gone, sealedHash: told.sealed.get(versionKey(stored)) ?? sha256(sealed) };
}

/** Every block that a kept version uses must be named as used, and stored, as long as its entry says; one that none uses must be on its way out. */
export async function compareBlocks(
  metadata: MetadataDatabase,
  row: NamespaceTable,
  told: Told,
  note: Note,
): Promise<void> {
  const namespace = idOf<NamespaceId>(row.namespace);
  const named = await metadata.read
    .selectFrom('version_block as v')
    .leftJoin('file_version as f', (join) =>
      join.onRef('f.namespace', '=', 'v.namespace').onRef('f.node', '=', 'v.node').onRef('f.version', '=', 'v.version'),
    )
    .select(['v.node', 'v.version', 'v.ct_hash', 'v.is_added', 'f.seq'])
    .where('v.namespace', '=', row.namespace)
    .execute();
  const uses = new Set<string>();
  const blocks = new Set<CtHash>();
  for (const { node, version, ct_hash, is_added, seq } of named) {
    const ctHash = idOf<CtHash>(ct_hash);
    // A version may have taken over what one said whose entry is gone.
    const isSaid =
      (told.blocks.has(ctHash) || told.gone.size > 0) && seq !== null && (is_added === 0 || is_added === 1);
    if (!isSaid)
      note(
        'block',
        `namespace ${namespace}: version ${version} of node ${idOf(node)} names block ${ctHash} for no reason`,
      );
    if (is_added !== 1) continue;
    uses.add(idOf(node) + ctHash);
    blocks.add(ctHash);
  }
  const stored = await metadata.read.selectFrom('block').selectAll().where('namespace', '=', row.namespace).execute();
  const lengths = new Map<CtHash, number>();
  for (const block of stored) {
    const ctHash = idOf<CtHash>(block.ct_hash);
    if (block.state === BLOCK_STORED) lengths.set(ctHash, block.length_bytes);
    if (!(block.state >= BLOCK_STORED && block.state <= BLOCK_LOST))
      note('block', `namespace ${namespace}: block ${ctHash} is in no state there is`);
    if (block.unreferenced_at_ms === null && !blocks.has(ctHash))
      note('block', `namespace ${namespace}: block ${ctHash} is used by nothing and would stay for ever`);
  }
  for (const ctHash of blocks)
    if (!isRightLength(told, ctHash, lengths.get(ctHash)))
      note('block', `namespace ${namespace}: block ${ctHash} is used and not stored`);
  await mustBeNamed(metadata, row, told, uses, note);
}

/** How long a block is that only entries named which are gone, nobody says any more. */
function isRightLength(told: Told, ctHash: CtHash, length: number | undefined): boolean {
  const said = told.blocks.get(ctHash);
  return said === undefined ? told.gone.size > 0 && length !== undefined : length === said;
}

async function mustBeNamed(
  metadata: MetadataDatabase,
  row: NamespaceTable,
  told: Told,
  uses: ReadonlySet<string>,
  note: Note,
): Promise<void> {
  const gone = await metadata.read
    .selectFrom('node')
    .select('node')
    .where('namespace', '=', row.namespace)
    .where('purge_state', 'is not', null)
    .where('purge_state', '!=', PURGE_BELOW)
    .execute();
  const purged = new Set(gone.map(({ node }) => idOf<NodeId>(node)));
  for (const [node, hashes] of told.used) {
    if (purged.has(node)) continue;
    for (const ctHash of hashes)
      if (!uses.has(node + ctHash))
        note(
          'block',
          `namespace ${idOf(row.namespace)}: node ${node} uses block ${ctHash}, and nothing keeps it from collection`,
        );
  }
}
