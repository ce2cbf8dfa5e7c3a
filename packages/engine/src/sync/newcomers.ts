import type { NodeId, NodeKind } from '@onefold/protocol';
import { diskNameOf, foldName, hasTag, isFolding, namedAs, type NameRules } from '../core/local-name.ts';
import { isAlive } from '../core/settled.ts';
import type { ContentValue, FileStat, LocalState, Name, NodeRow, RelPath } from '../core/tree.ts';
import { findMeant, renamedTo } from './disk-names.ts';
import { freshNodeId, type Session } from './session.ts';
import type { Left, Vacated } from './vacated.ts';

/** An entry at a path where nothing was before. */
export interface Newcomer {
  readonly parent: NodeId;
  readonly path: RelPath;
  readonly name: Name;
  readonly stat: FileStat;
  /** Of links. */
  readonly target: string | null;
}

export interface Identity {
  readonly row: NodeRow;
  /** It stood elsewhere before. */
  readonly isMoved: boolean;
}

/** What the scanner remembers of entries that left their paths, or whose coming could not be explained. */
interface Memory {
  readonly vacated: Vacated;
  readonly undecided: Set<RelPath>;
}

/**
 * Which node each newcomer is, in the order given, or null where the disk would not say now and is to be asked once more:
 * one that left its path and has the same inode, if the file system tells births apart; else the one the journal has at this very place
 * and that is not here; else a new one. Hard-linked files are never paired: any of their names may be meant.
 */
export async function identifyNewcomers(
  session: Session,
  newcomers: readonly Newcomer[],
  { vacated, undecided }: Memory,
): Promise<(Identity | null)[]> {
  const { paired: moved, unsaid } = await pairMoved(session, newcomers);
  await pairLeft(session, newcomers, vacated, moved);
  // Once: a disk that goes on failing must not keep what is new from being taken.
  const waiting = new Set([...unsaid].filter((newcomer) => !moved.has(newcomer) && !undecided.has(newcomer.path)));
  for (const { path } of newcomers) undecided.delete(path);
  for (const { path } of waiting) undecided.add(path);
  const rest = newcomers.filter((newcomer) => !moved.has(newcomer) && !waiting.has(newcomer));
  const taken = new Set([...moved.values()].map((row) => row.node));
  const adopted = await adoptByPlace(session, rest, taken);
  await adoptByLikeness(session, rest, taken, adopted);
  const rules = session.ports.files.nameRules();
  return newcomers.map((newcomer) => {
    if (waiting.has(newcomer)) return null;
    const row = moved.get(newcomer);
    if (row !== undefined) return { row: { ...row, local: arrived(newcomer, row.local, rules) }, isMoved: true };
    const known = adopted.get(newcomer);
    if (known !== undefined) {
      const names = namedAs(known.remote?.name ?? newcomer.name, newcomer.name);
      return { row: { ...known, local: { ...arrived(newcomer, null, rules), ...names } }, isMoved: false };
    }
    const node = freshNodeId(session);
    return { row: { node, local: arrived(newcomer, null, rules), remote: null, synced: null }, isMoved: false };
  });
}

/** `unsaid`: the disk would not say whether the path is free at which the same inode stood. */
async function pairMoved(
  session: Session,
  newcomers: readonly Newcomer[],
): Promise<{ readonly paired: Map<Newcomer, NodeRow>; readonly unsaid: ReadonlySet<Newcomer> }> {
  const paired = new Map<Newcomer, NodeRow>();
  const unsaid = new Set<Newcomer>();
  const able = newcomers.filter(
    ({ stat }) => stat.birthtimeNs !== 0n && (stat.kind === 'folder' || stat.linkCount === 1),
  );
  if (able.length === 0) return { paired, unsaid };
  const found = await session.ports.store.localByInodes(
    able.map(({ stat }) => ({ device: stat.device, inode: stat.inode })),
  );
  const candidates: { readonly newcomer: Newcomer; readonly row: NodeRow; readonly oldPath: RelPath }[] = [];
  for (const [i, newcomer] of able.entries()) {
    for (const row of found[i]!) {
      if (row.local === null || row.local.kind !== newcomer.stat.kind) continue;
      if (row.local.stat.birthtimeNs !== newcomer.stat.birthtimeNs) continue;
      const oldPath = await session.paths.of(row);
      if (oldPath !== null) candidates.push({ newcomer, row, oldPath });
    }
  }
  const rules = session.ports.files.nameRules();
  const standing = await session.ports.files.stat(candidates.map(({ oldPath }) => oldPath));
  const taken = new Set<NodeId>();
  candidates.forEach(({ newcomer, row }, i) => {
    const at = standing[i] ?? null;
    if (at !== null && 'outcome' in at) return void unsaid.add(newcomer);
    // A path that is still occupied keeps its node, whatever its inode is now: editors save by renaming.
    const isVacated = at === null || at.kind !== row.local!.kind || isSameEntry(row.local!, newcomer, at, rules);
    if (!isVacated || taken.has(row.node) || paired.has(newcomer)) return;
    taken.add(row.node);
    paired.set(newcomer, row);
  });
  return { paired, unsaid };
}

/** Nodes that lost their path to another kind of thing a moment ago, and are found again: their rows stand nowhere meanwhile. */
async function pairLeft(
  session: Session,
  newcomers: readonly Newcomer[],
  vacated: Vacated,
  paired: Map<Newcomer, NodeRow>,
): Promise<void> {
  const found: { readonly newcomer: Newcomer; readonly left: Left }[] = [];
  for (const newcomer of newcomers) {
    const { stat } = newcomer;
    if (paired.has(newcomer) || stat.birthtimeNs === 0n || (stat.kind !== 'folder' && stat.linkCount !== 1)) continue;
    const left = vacated.findLeft(stat);
    if (left !== undefined) found.push({ newcomer, left });
  }
  if (found.length === 0) return;
  const rows = await session.ports.store.rows(found.map(({ left }) => left.node));
  found.forEach(({ newcomer, left }, i) => {
    const row = rows[i];
    if (row === undefined || row.local !== null || !isAlive(row.remote)) return;
    paired.set(newcomer, { ...row, local: left.local, synced: row.synced ?? left.synced });
  });
}

/**
 * Both paths lead to it, and it has one name only: the disk takes the old name for the new one. On a disk that does not, it came back to its
 * old path in between.
 */
function isSameEntry(local: LocalState, { parent, name, stat }: Newcomer, at: FileStat, rules: NameRules): boolean {
  if (!isFolding(rules) || local.parent !== parent) return false;
  if (foldName(diskNameOf(local), rules) !== foldName(name, rules)) return false;
  return at.inode === stat.inode && at.device === stat.device;
}

/** After the state was lost: what stands here under the likeness of a name is the node of that name. */
async function adoptByLikeness(
  session: Session,
  newcomers: readonly Newcomer[],
  taken: ReadonlySet<NodeId>,
  adopted: Map<Newcomer, NodeRow>,
): Promise<void> {
  for (const newcomer of newcomers) {
    if (adopted.has(newcomer) || !hasTag(newcomer.name)) continue;
    const row = await findMeant(session, newcomer.parent, newcomer.name);
    if (row === undefined || taken.has(row.node) || row.remote?.kind !== newcomer.stat.kind) continue;
    if (row.remote.quarantined || row.remote.unticked || [...adopted.values()].some(({ node }) => node === row.node))
      continue;
    adopted.set(newcomer, row);
  }
}

async function adoptByPlace(
  session: Session,
  newcomers: readonly Newcomer[],
  taken: ReadonlySet<NodeId>,
): Promise<Map<Newcomer, NodeRow>> {
  const adopted = new Map<Newcomer, NodeRow>();
  if (newcomers.length === 0) return adopted;
  const { store } = session.ports;
  const onTheWay = new Set((await store.inFlight())?.nodes);
  const there = await store.childrenByName('remote', newcomers);
  newcomers.forEach((newcomer, i) => {
    const row = there[i];
    if (row === undefined || row.local !== null || taken.has(row.node) || onTheWay.has(row.node)) return;
    // What is not to be here is never taken for what was made in its place.
    if (!isAlive(row.remote) || row.remote.quarantined || row.remote.unticked || row.remote.kind !== newcomer.stat.kind)
      return;
    adopted.set(newcomer, row);
  });
  return adopted;
}

function arrived({ parent, name, stat, target }: Newcomer, before: LocalState | null, rules: NameRules): LocalState {
  const kind = stat.kind as NodeKind;
  const names = before === null ? { name } : renamedTo(before, name, rules);
  // Bytes are read again, whatever size and times say: a reused inode may show all of another file's where the clock's step is long.
  const content: ContentValue | null = kind === 'link' ? { kind: 'link', target: target ?? '' } : null;
  return { kind, parent, ...names, stat, content };
}
