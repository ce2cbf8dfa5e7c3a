import { sha256, type Effects, type ParsedEntry } from '@onefold/journal';
import type { CheckpointBody, Hash, NamespaceId } from '@onefold/protocol';
import { idBytes } from '../id-bytes.ts';
import type { SqlDialect, Writer } from '../metadata/database.ts';
import { foldNodes } from './fold-nodes.ts';
import type { EntryTable, FileVersionTable, NodeTable, VersionBlockTable } from '../metadata/tables.ts';

export interface AcceptedEntry {
  readonly namespace: NamespaceId;
  readonly parsed: ParsedEntry;
  readonly effects: Effects;
  readonly seq: number;
  readonly prevHash: Hash;
  readonly hash: Hash;
  readonly nowMs: number;
}

const NODE_KEY = ['namespace', 'node'] as const;
const NODE_STATE = [
  'kind',
  'parent',
  'name_tag',
  'hidden',
  'place_version',
  'content_version',
  'attributes_version',
  'last_seq',
  'hidden_at_ms',
] as const;

/** Writes an accepted entry and everything it changes, in the transaction that accepted it, and moves the head. */
export async function writeEffects(writer: Writer, sql: SqlDialect, accepted: AcceptedEntry): Promise<void> {
  const { effects } = accepted;
  await insertEntry(writer, sql, accepted);
  await sql.insertMany(writer, 'node', nodeRows(accepted), { keys: NODE_KEY, update: NODE_STATE });
  await sql.insertMany(writer, 'file_version', versionRows(accepted));
  const blockRows = versionBlockRows(accepted);
  await sql.insertMany(writer, 'version_block', blockRows, 'keep');
  await referenceBlocks(writer, blockRows);
  await foldNodes(writer, sql, accepted.namespace, [accepted]);
  if (accepted.parsed.type === 'checkpoint') await writeCheckpoint(writer, sql, accepted, accepted.parsed.body);
  if (effects.member !== undefined) await writeMember(writer, sql, accepted.namespace, effects.member);
  await writer
    .updateTable('namespace')
    .set({
      head_seq: accepted.seq,
      head_hash: idBytes(accepted.hash),
      ...(effects.epoch === undefined ? {} : { epoch: effects.epoch }),
    })
    .where('namespace', '=', idBytes(accepted.namespace))
    .execute();
}

/** The entry itself. Used alone for a genesis, whose namespace row is made at once with its head. */
export async function insertEntry(
  writer: Writer,
  sql: SqlDialect,
  accepted: Omit<AcceptedEntry, 'effects'>,
): Promise<void> {
  await sql.insertMany(writer, 'entry', [entryRow(accepted)]);
}

export function entryRow({
  namespace,
  parsed,
  seq,
  prevHash,
  hash,
  nowMs,
}: Omit<AcceptedEntry, 'effects'>): EntryTable {
  const { header, raw } = parsed;
  return {
    namespace: idBytes(namespace),
    seq,
    header: raw.header,
    signature: raw.signature,
    body: raw.body,
    prev_hash: idBytes(prevHash),
    hash: idBytes(hash),
    header_hash: idBytes(sha256(raw.header)),
    type: parsed.type,
    device: idBytes(header.device),
    device_seq: header.deviceSeq,
    op_id: idBytes(header.opId),
    size_bytes: raw.header.length + raw.signature.length + raw.body.length,
    accepted_at_ms: nowMs,
  };
}

async function writeCheckpoint(
  writer: Writer,
  sql: SqlDialect,
  { namespace, seq: entrySeq, nowMs }: AcceptedEntry,
  { seq, hash, epoch, nodesRoot }: CheckpointBody,
): Promise<void> {
  const row = { namespace: idBytes(namespace), seq, hash: idBytes(hash), epoch, node_root: idBytes(nodesRoot) };
  await sql.insertMany(writer, 'checkpoint', [{ ...row, entry_seq: entrySeq, created_at_ms: nowMs }]);
}

export async function writeMember(
  writer: Writer,
  sql: SqlDialect,
  namespace: NamespaceId,
  { user, role, pin }: NonNullable<Effects['member']>,
): Promise<void> {
  const row = {
    namespace: idBytes(namespace),
    user: idBytes(user),
    role,
    pin_n: pin.n,
    pin_hash: idBytes(pin.hash),
    version: 1,
  };
  await sql.insertMany(writer, 'member', [row], { keys: ['namespace', 'user'], update: ['role', 'pin_n', 'pin_hash'] });
}

function nodeRows({ namespace, effects, nowMs }: AcceptedEntry): NodeTable[] {
  const key = idBytes(namespace);
  return [...effects.nodes.values()].map((state) => ({
    namespace: key,
    node: idBytes(state.node),
    kind: state.kind,
    parent: idBytes(state.parent),
    name_tag: idBytes(state.nameTag),
    hidden: state.hidden ? 1 : 0,
    place_version: state.placeVersion,
    content_version: state.contentVersion,
    attributes_version: state.attributesVersion,
    last_seq: state.lastSeq,
    hidden_at_ms: state.hidden ? nowMs : null,
    purge_state: null,
  }));
}

/** The versions of files that an entry makes. */
export function versionRows({
  namespace,
  parsed,
  seq,
  nowMs,
}: Pick<AcceptedEntry, 'namespace' | 'parsed' | 'seq' | 'nowMs'>): FileVersionTable[] {
  if (parsed.type !== 'changeset') return [];
  const common = {
    namespace: idBytes(namespace),
    seq,
    epoch: parsed.header.epoch,
    device: idBytes(parsed.header.device),
    accepted_at_ms: nowMs,
  };
  return parsed.body.changes.flatMap((change) => {
    if (change.op === 'create' && change.content !== undefined)
      return [{ ...common, node: idBytes(change.node), version: 1, sealed: change.content.sealed }];
    if (change.op === 'content')
      return [{ ...common, node: idBytes(change.node), version: change.base + 1, sealed: change.sealed }];
    return [];
  });
}

function versionBlockRows({ namespace, effects }: AcceptedEntry): VersionBlockTable[] {
  const key = idBytes(namespace);
  return effects.blocks.flatMap(({ node, version, added, dropped }) => {
    const common = { namespace: key, node: idBytes(node), version };
    return [
      ...added.map(([ctHash]) => ({ ...common, ct_hash: idBytes(ctHash), is_added: 1 })),
      ...dropped.map((ctHash) => ({ ...common, ct_hash: idBytes(ctHash), is_added: 0 })),
    ];
  });
}

const HASHES_PER_STATEMENT = 2_000;

/** A block that a version uses is no longer waiting for collection. */
async function referenceBlocks(writer: Writer, rows: readonly VersionBlockTable[]): Promise<void> {
  const added = rows.filter((row) => row.is_added === 1);
  const [first] = added;
  if (first === undefined) return;
  for (let at = 0; at < added.length; at += HASHES_PER_STATEMENT)
    await writer
      .updateTable('block')
      .set({ unreferenced_at_ms: null })
      .where('namespace', '=', first.namespace)
      .where(
        'ct_hash',
        'in',
        added.slice(at, at + HASHES_PER_STATEMENT).map((row) => row.ct_hash),
      )
      .where('unreferenced_at_ms', 'is not', null)
      .execute();
}
