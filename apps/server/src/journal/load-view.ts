import {
  rootOf,
  type LastEntries,
  type LastEntry,
  type Membership,
  type NeedKey,
  type NodeState,
  type TreeRoot,
  type UserChain,
  type ViewCache,
} from '@onefold/journal';
import {
  LIMITS,
  type DeviceId,
  type Hash,
  type NamespaceId,
  type NameTag,
  type NodeId,
  type NodeKind,
  type Role,
  type UserId,
} from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader, SqlDialect } from '../metadata/database.ts';
import { treeSumOf } from './fold-nodes.ts';
import type { MemberTable, NodeColumn, NodeTable } from '../metadata/tables.ts';

type Need<K extends NeedKey['kind']> = Extract<NeedKey, { kind: K }>;

export interface ViewSource {
  /** The commit's own transaction. */
  readonly reader: Reader;
  readonly sql: SqlDialect;
  readonly namespace: NamespaceId;
  /** What may still be looked at for the entry; counted down. */
  readonly budget: { nodes: number };
  chain(user: UserId, n: number): Promise<UserChain | undefined>;
}

/** Loads everything `wanted` names into the view, a few statements for any number of keys. False when that takes more than the budget has: not all is there. */
export async function loadNeeds(source: ViewSource, wanted: readonly NeedKey[], view: ViewCache): Promise<boolean> {
  if (!(await loadNodes(source, ofKind(wanted, 'node'), view))) return false;
  await loadChildren(source, ofKind(wanted, 'child'), view);
  await loadHashes(source, ofKind(wanted, 'hash'), view);
  for (const need of ofKind(wanted, 'changed-after')) view.put(need, await changedAfter(source, need.seq));
  for (const need of ofKind(wanted, 'member')) view.put(need, await memberOf(source, need.user));
  for (const need of ofKind(wanted, 'members')) view.put(need, await membersOf(source));
  for (const need of ofKind(wanted, 'chain')) view.put(need, await source.chain(need.user, need.n));
  for (const need of ofKind(wanted, 'device')) view.put(need, await userOfDevice(source, need.device));
  for (const need of ofKind(wanted, 'last-entry')) view.put(need, await lastEntryOf(source, need.device));
  for (const need of ofKind(wanted, 'last-entries')) view.put(need, await lastEntriesOf(source));
  for (const need of ofKind(wanted, 'root')) view.put(need, await rootOfTree(source, view.head().seq));
  return true;
}

function ofKind<K extends NeedKey['kind']>(wanted: readonly NeedKey[], kind: K): Need<K>[] {
  return wanted.filter((need): need is Need<K> => need.kind === kind);
}

/** Nodes asked for by one statement. */
const NODES_PER_STATEMENT = 500;

/**
 * The asked nodes and all that is above them: the predicate climbs to the root from each, and a statement for every level would let a deep tree hold up
 * the writer. So would a tree of any depth: false when there are more than the budget allows.
 */
async function loadNodes(
  { reader, sql, namespace: id, budget }: ViewSource,
  needed: readonly Need<'node'>[],
  view: ViewCache,
): Promise<boolean> {
  const namespace = idBytes(id);
  for (let at = 0; at < needed.length; at += NODES_PER_STATEMENT) {
    const asked = needed.slice(at, at + NODES_PER_STATEMENT).map(({ node }) => idBytes(node));
    const rows = await sql.climb(reader, namespace, asked, budget.nodes + 1);
    budget.nodes -= rows.length;
    if (budget.nodes < 0) return false;
    for (const row of rows) view.put({ kind: 'node', node: idOf<NodeId>(row.node) }, nodeState(row));
  }
  for (const need of needed) if (!view.has(need)) view.put(need, undefined);
  return true;
}

function nodeState(row: Pick<NodeTable, NodeColumn>): NodeState {
  return {
    node: idOf<NodeId>(row.node),
    kind: row.kind as NodeKind,
    parent: idOf<NodeId>(row.parent),
    nameTag: idOf<NameTag>(row.name_tag),
    hidden: row.hidden !== 0,
    placeVersion: row.place_version,
    contentVersion: row.content_version,
    attributesVersion: row.attributes_version,
    lastSeq: row.last_seq,
  };
}

async function loadChildren(source: ViewSource, needed: readonly Need<'child'>[], view: ViewCache): Promise<void> {
  const namespace = idBytes(source.namespace);
  const rows = await source.sql.findMany(
    source.reader,
    'node',
    ['node', 'parent', 'name_tag'],
    ['namespace', 'parent', 'name_tag', 'hidden'],
    needed.map(({ parent, tag }) => [namespace, idBytes(parent), idBytes(tag), 0]),
  );
  const found = new Map<string, NodeId>();
  for (const row of rows) found.set(`${idOf(row.parent)}/${idOf(row.name_tag)}`, idOf<NodeId>(row.node));
  for (const need of needed) view.put(need, found.get(`${need.parent}/${need.tag}`));
}

async function loadHashes(source: ViewSource, needed: readonly Need<'hash'>[], view: ViewCache): Promise<void> {
  const namespace = idBytes(source.namespace);
  const rows = await source.sql.findMany(
    source.reader,
    'entry',
    ['seq', 'hash'],
    ['namespace', 'seq'],
    needed.map(({ seq }) => [namespace, seq]),
  );
  const found = new Map(rows.map((row) => [row.seq, idOf<Hash>(row.hash)]));
  const gone = needed.filter(({ seq }) => !found.has(seq)).map(({ seq }) => [namespace, seq]);
  const stubs = await source.sql.findMany(source.reader, 'entry_stub', ['seq', 'hash'], ['namespace', 'seq'], gone);
  for (const row of stubs) found.set(row.seq, idOf<Hash>(row.hash));
  for (const need of needed) view.put(need, found.get(need.seq));
}

async function changedAfter(source: ViewSource, seq: number): Promise<NodeId[]> {
  const rows = await source.reader
    .selectFrom('node')
    .select('node')
    .where('namespace', '=', idBytes(source.namespace))
    .where('last_seq', '>', seq)
    .limit(LIMITS.changedNodesAfterBase + 1)
    .execute();
  return rows.map((row) => idOf<NodeId>(row.node));
}

function membership(row: Pick<MemberTable, 'user' | 'role' | 'pin_n' | 'pin_hash'>): Membership {
  const user = idOf<UserId>(row.user);
  return { user, role: row.role as Role, pin: { user, n: row.pin_n, hash: idOf<Hash>(row.pin_hash) } };
}

async function memberOf(source: ViewSource, user: UserId): Promise<Membership | undefined> {
  const row = await source.reader
    .selectFrom('member')
    .select(['user', 'role', 'pin_n', 'pin_hash'])
    .where('namespace', '=', idBytes(source.namespace))
    .where('user', '=', idBytes(user))
    .executeTakeFirst();
  return row === undefined ? undefined : membership(row);
}

async function membersOf(source: ViewSource): Promise<Membership[]> {
  const rows = await source.reader
    .selectFrom('member')
    .select(['user', 'role', 'pin_n', 'pin_hash'])
    .where('namespace', '=', idBytes(source.namespace))
    .where('role', '!=', 'removed')
    .execute();
  return rows.map(membership);
}

async function userOfDevice(source: ViewSource, device: DeviceId): Promise<UserId | undefined> {
  const row = await source.reader
    .selectFrom('device')
    .select('user')
    .where('device', '=', idBytes(device))
    .executeTakeFirst();
  return row === undefined ? undefined : idOf<UserId>(row.user);
}

/** Its last entry may be one that is gone while an earlier one is kept. */
async function lastEntryOf(
  source: ViewSource,
  device: DeviceId,
): Promise<{ deviceSeq: number; seq: number } | undefined> {
  let last: { deviceSeq: number; seq: number } | undefined;
  for (const table of ['entry', 'entry_stub'] as const) {
    const row = await source.reader
      .selectFrom(table)
      .select(['device_seq', 'seq'])
      .where('namespace', '=', idBytes(source.namespace))
      .where('device', '=', idBytes(device))
      .orderBy('device_seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined && row.device_seq > (last?.deviceSeq ?? -1))
      last = { deviceSeq: row.device_seq, seq: row.seq };
  }
  return last;
}

/** Of every device that ever wrote here, found one by one along the index: there are few, and their entries may be many. */
async function lastEntriesOf(source: ViewSource): Promise<LastEntries> {
  const entries = new Map<DeviceId, LastEntry>();
  for (const table of ['entry', 'entry_stub'] as const)
    for (let after: Uint8Array = new Uint8Array(); ;) {
      const row: { readonly device: Uint8Array } | undefined = await source.reader
        .selectFrom(table)
        .select('device')
        .where('namespace', '=', idBytes(source.namespace))
        .where('device', '>', after)
        .orderBy('device')
        .limit(1)
        .executeTakeFirst();
      if (row === undefined) break;
      after = row.device;
      const device = idOf<DeviceId>(row.device);
      const last = entries.has(device) ? undefined : await lastEntryOf(source, device);
      if (last !== undefined) entries.set(device, { device, ...last });
    }
  return { isWhole: true, entries: [...entries.values()] };
}

/** Undefined while entries of before there were sums have not been gone through. */
async function rootOfTree({ reader, namespace }: ViewSource, headSeq: number): Promise<TreeRoot | undefined> {
  const sum = await treeSumOf(reader, idBytes(namespace));
  if (sum?.seq !== headSeq) return undefined;
  return { count: sum.nodes, hash: rootOf({ count: sum.nodes, lanes: sum.lanes }) };
}
