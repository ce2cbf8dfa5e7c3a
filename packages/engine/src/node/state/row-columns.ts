import type { ContentId, DeviceId, NameTag, NodeId, NodeKind } from '@onefold/protocol';
import { bytesToMove } from '../../core/bytes-to-move.ts';
import { isSafe, isSettled } from '../../core/settled.ts';
import type {
  AttributesValue,
  ContentValue,
  FileStat,
  LocalState,
  NodeRow,
  RemoteState,
  SyncedState,
} from '../../core/tree.ts';
import type { Side } from '../../ports.ts';
import { decodeName, encodeName } from '../disk/name-bytes.ts';

/*
 * A NodeRow as the values of its table rows. Encoding and decoding run beside the engine; the worker sees only values. Ids travel as hex
 * text ('' = null): the statements turn them into bytes.
 */

export type SqlValue = null | number | bigint | string;

type Column = readonly [name: string, type: 'id' | 'value'];

/** Prefix of a name that is no UTF-8: no name holds a slash. */
const ESCAPED = '/';

/** Columns of each side's table, in the order of the values. */
export const SIDE_COLUMNS: Readonly<Record<Side, readonly Column[]>> = {
  local: columns(
    'kind parent* name stat_kind stat_size stat_mtime stat_ctime stat_birth stat_inode stat_device stat_links stat_mode content* size target disk_name',
  ),
  remote: columns(
    'kind parent* tag* name hidden hidden_above quarantined place_version content_version attributes_version last_seq author* content* size target has_attributes mtime mode unticked digests* unseen',
  ),
  synced: columns(
    'kind parent* name content* size target has_attributes mtime mode has_shown shown_mtime shown_mode place_version content_version attributes_version',
  ),
};

/** A star marks an id. */
function columns(text: string): Column[] {
  return text.split(' ').map((name) => (name.endsWith('*') ? [name.slice(0, -1), 'id'] : [name, 'value']));
}

const KINDS: readonly NodeKind[] = ['file', 'folder', 'link', 'mount'];
const STAT_KINDS: readonly FileStat['kind'][] = ['file', 'folder', 'link', 'special'];
/** A row taken apart: its id, its flags, and the values of each side that knows the node. */
export type FlatRow = readonly [
  node: string,
  unsettled: number,
  unsafe: number,
  bytesToMove: number,
  local: readonly SqlValue[] | null,
  remote: readonly SqlValue[] | null,
  synced: readonly SqlValue[] | null,
];

const LOCAL_NAME = SIDE_COLUMNS.local.findIndex(([name]) => name === 'name');
const REMOTE_NAME = SIDE_COLUMNS.remote.findIndex(([name]) => name === 'name');

/** What a row is called, here before in the journal; null where neither says. */
export function nameOf(local: FlatRow[4], remote: FlatRow[5]): string | null {
  const name = local?.[LOCAL_NAME] ?? remote?.[REMOTE_NAME] ?? null;
  return name === null ? null : String(name);
}

export function encodeRow(row: NodeRow): FlatRow {
  return [
    row.node,
    isSettled(row) ? 0 : 1,
    isSafe(row) ? 0 : 1,
    isSettled(row) ? 0 : bytesToMove(row),
    row.local === null ? null : encodeLocal(row.local),
    row.remote === null ? null : encodeRemote(row.remote),
    row.synced === null ? null : encodeSynced(row.synced),
  ];
}

export function decodeRow([node, , , , local, remote, synced]: FlatRow): NodeRow {
  return {
    node: node as NodeId,
    local: local === null ? null : decodeLocal(local),
    remote: remote === null ? null : decodeRemote(remote),
    synced: synced === null ? null : decodeSynced(synced),
  };
}

/** A name as a key in the database. */
export function encodeNameKey(name: string): string {
  return name.isWellFormed() ? name : ESCAPED + encodeName(name).toString('hex');
}

function decodeNameKey(key: SqlValue): string {
  const text = key as string;
  return text.startsWith(ESCAPED) ? decodeName(Buffer.from(text.slice(1), 'hex')) : text;
}

/** Link targets may hold slashes and lone surrogates: JSON escapes the latter. */
function encodeTarget(target: string): string {
  return JSON.stringify(target);
}

export function signed(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

function encodeLocal({ kind, parent, name, diskName, stat, content }: LocalState): SqlValue[] {
  return [
    KINDS.indexOf(kind),
    parent,
    encodeNameKey(name),
    STAT_KINDS.indexOf(stat.kind),
    stat.sizeBytes,
    stat.mtimeNs,
    stat.ctimeNs,
    stat.birthtimeNs,
    signed(stat.inode),
    signed(stat.device),
    stat.linkCount,
    stat.mode,
    ...encodeContent(content),
    diskName === undefined ? null : encodeNameKey(diskName),
  ];
}

function decodeLocal(v: readonly SqlValue[]): LocalState {
  return {
    kind: KINDS[Number(v[0])]!,
    parent: v[1] as NodeId,
    name: decodeNameKey(v[2]!),
    ...(v[15] === null ? {} : { diskName: decodeNameKey(v[15]!) }),
    stat: {
      kind: STAT_KINDS[Number(v[3])]!,
      sizeBytes: Number(v[4]),
      mtimeNs: v[5] as bigint,
      ctimeNs: v[6] as bigint,
      birthtimeNs: v[7] as bigint,
      inode: BigInt.asUintN(64, v[8] as bigint),
      device: BigInt.asUintN(64, v[9] as bigint),
      linkCount: Number(v[10]),
      mode: Number(v[11]),
    },
    content: decodeContent(v, 12),
  };
}

function encodeRemote(state: RemoteState): SqlValue[] {
  return [
    KINDS.indexOf(state.kind),
    state.parent,
    state.nameTag,
    state.name === null ? null : encodeNameKey(state.name),
    Number(state.hidden),
    Number(state.hiddenAbove),
    Number(state.quarantined),
    state.placeVersion,
    state.contentVersion,
    state.attributesVersion,
    state.lastSeq,
    state.author,
    ...encodeContent(state.content),
    ...encodeAttributes(state.attributes),
    Number(state.unticked),
    state.digests ?? '',
    state.unseen?.join() ?? null,
  ];
}

function decodeRemote(v: readonly SqlValue[]): RemoteState {
  return {
    kind: KINDS[Number(v[0])]!,
    parent: v[1] as NodeId,
    nameTag: v[2] as NameTag,
    name: v[3] === null ? null : decodeNameKey(v[3]!),
    hidden: Number(v[4]) === 1,
    hiddenAbove: Number(v[5]) === 1,
    unticked: Number(v[18]) === 1,
    quarantined: Number(v[6]) === 1,
    placeVersion: Number(v[7]),
    contentVersion: Number(v[8]),
    attributesVersion: Number(v[9]),
    lastSeq: Number(v[10]),
    author: v[11] as DeviceId,
    content: decodeContent(v, 12),
    attributes: decodeAttributes(v, 15),
    ...(v[19] === '' ? {} : { digests: v[19] as string }),
    ...(v[20] === null ? {} : { unseen: String(v[20]).split(',').map(Number) }),
  };
}

function encodeSynced(state: SyncedState): SqlValue[] {
  return [
    KINDS.indexOf(state.kind),
    state.parent,
    encodeNameKey(state.name),
    ...encodeContent(state.content),
    ...encodeAttributes(state.attributes),
    ...encodeAttributes(state.shown),
    state.placeVersion,
    state.contentVersion,
    state.attributesVersion,
  ];
}

function decodeSynced(v: readonly SqlValue[]): SyncedState {
  return {
    kind: KINDS[Number(v[0])]!,
    parent: v[1] as NodeId,
    name: decodeNameKey(v[2]!),
    content: decodeContent(v, 3),
    attributes: decodeAttributes(v, 6),
    shown: decodeAttributes(v, 9),
    placeVersion: Number(v[12]),
    contentVersion: Number(v[13]),
    attributesVersion: Number(v[14]),
  };
}

function encodeContent(content: ContentValue | null): SqlValue[] {
  if (content === null) return ['', null, null];
  if (content.kind === 'link') return ['', null, encodeTarget(content.target)];
  return [content.contentId, content.sizeBytes, null];
}

function decodeContent(v: readonly SqlValue[], at: number): ContentValue | null {
  if (v[at + 2] !== null) return { kind: 'link', target: JSON.parse(v[at + 2] as string) as string };
  if (v[at] === '') return null;
  return { kind: 'file', contentId: v[at] as ContentId, sizeBytes: Number(v[at + 1]) };
}

function encodeAttributes(attributes: AttributesValue | null): SqlValue[] {
  return attributes === null ? [0, null, null] : [1, attributes.mtimeNs, attributes.mode];
}

function decodeAttributes(v: readonly SqlValue[], at: number): AttributesValue | null {
  if (Number(v[at]) !== 1) return null;
  return { mtimeNs: v[at + 1] as bigint | null, mode: v[at + 2] === null ? null : Number(v[at + 2]) };
}
