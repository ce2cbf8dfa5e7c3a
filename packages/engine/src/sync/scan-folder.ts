import type { ErrorCode, NodeId } from '@onefold/protocol';
import { diskNameOf } from '../core/local-name.ts';
import { joinPath } from '../core/names.ts';
import type { FileStat, Name, NodeRow, RelPath } from '../core/tree.ts';
import type { DiskEntry } from '../ports.ts';
import { withoutNameTwins } from './disk-names.ts';
import type { LeftNote } from './left-note.ts';
import { isMountIn, raiseGone } from './listed-folder.ts';
import { identifyNewcomers, type Newcomer } from './newcomers.ts';
import type { IgnoreFiles } from './ignore-files.ts';
import { isSameObservation, type Ripeness } from './ripeness.ts';
import { record, type Session } from './session.ts';
import { removeLocal, type Vacated } from './vacated.ts';

/** What was seen in one folder: all of it, or only the entries that were asked about. */
export interface Sighting {
  readonly folder: NodeId;
  readonly path: RelPath;
  readonly entries: readonly DiskEntry[];
  /** Local rows of the folder; of the entries asked about only, where the sighting is not complete. */
  readonly known: readonly NodeRow[];
  /** The whole folder was listed without an error on the volume it is recorded for: what is missing is missing. */
  readonly isComplete: boolean;
  /** Everything else that is to be looked at was: what is missing for long enough is gone. */
  readonly isConfirming: boolean;
  /** Of the folder's volume, where the sighting is complete. */
  readonly device: bigint | null;
  /** Entries that exist and could not be examined. */
  readonly unreadable: ReadonlySet<Name>;
}

/** Folders that are to be looked into next: new ones, moved ones, ones whose inode changed. */
export interface FolderFound {
  readonly node: NodeId;
  /** The folder in which it was seen. */
  readonly parent: NodeId;
  readonly path: RelPath;
  readonly isNew: boolean;
}

export interface ScanTools {
  readonly session: Session;
  readonly ripeness: Ripeness;
  readonly vacated: Vacated;
  readonly leftNote: LeftNote;
  readonly rules: IgnoreFiles;
  /** Paths of newcomers of which the disk would not say whether they had stood elsewhere. They are asked about once more. */
  readonly undecided: Set<RelPath>;
  /** Entries of no kind that is synced, and entries that cannot be examined. */
  trouble(path: RelPath, code: ErrorCode | null): void;
}

/** Brings the Local tree in step with sightings of some folders, in one transaction or two. Answers the folders in them. */
export async function takeSightings(tools: ScanTools, sightings: readonly Sighting[]): Promise<FolderFound[]> {
  const { session } = tools;
  const changed: NodeRow[] = [];
  const gone: NodeRow[] = [];
  /** Gone from a path that something of another kind has taken. */
  const replaced: NodeRow[] = [];
  const arriving: { readonly sighting: Sighting; readonly entry: DiskEntry }[] = [];
  /** Missing where nobody looked while it was ignored: not deleted, but never seen. */
  const unseen: NodeRow[] = [];
  /** Ignored before anybody else knew of it. */
  const untracked: NodeRow[] = [];
  const relinked: { readonly row: NodeRow; readonly path: RelPath; readonly stat: FileStat }[] = [];
  const folders: FolderFound[] = [];

  for (const sighting of sightings) {
    const standing = new Set(sighting.entries.map((entry) => entry.name));
    // A name has one row; should it ever have two, the one that is seen stays and the other gives way.
    const byName = new Map<Name, NodeRow>();
    for (const row of sighting.known) {
      const name = diskNameOf(row.local!);
      const other = byName.get(name);
      const isOtherSeen = other !== undefined && isSeen(other, sighting.entries);
      if (other !== undefined) replaced.push(isOtherSeen ? row : other);
      if (!isOtherSeen) byName.set(name, row);
    }
    for (const entry of sighting.entries) {
      const path = joinPath(sighting.path, entry.name);
      const known = byName.get(entry.name);
      if (session.rules(path, entry.stat.kind === 'folder')) {
        // Where what is known is no folder and a folder took its place, a rule for folders is none for it.
        if (known !== undefined && !session.rules(path, known.local!.kind === 'folder')) continue;
        // Frozen: what was known of it stays as it was. What nobody else knows of is known to nobody.
        byName.delete(entry.name);
        if (known !== undefined && isOnlyHere(known)) untracked.push(known);
        continue;
      }
      if (known !== undefined && known.local!.kind === entry.stat.kind) {
        byName.delete(entry.name);
        tools.vacated.returned(known.node);
        compare(known, entry, path);
      } else if (entry.stat.kind === 'special') {
        tools.trouble(path, 'special-file');
      } else {
        arriving.push({ sighting, entry });
      }
    }
    if (!sighting.isComplete) continue;
    // A rule may have come over what was missing: then nobody waits for it any more.
    for (const [name, row] of byName)
      if (session.rules(joinPath(sighting.path, name), row.local!.kind === 'folder')) byName.delete(name);
    tools.vacated.keepOnly(sighting.folder, new Set([...byName.values()].map((row) => row.node)));
    for (const [name, row] of byName) {
      const path = joinPath(sighting.path, name);
      if (sighting.unreadable.has(name)) continue;
      tools.ripeness.forget(path);
      if (sighting.device !== null && !standing.has(name) && (await isGoneMount(row, sighting.device))) {
        await raiseGone(session, { node: row.node, path });
        continue;
      }
      if (tools.rules.isThawed(path, row.local!.kind === 'folder')) unseen.push(row);
      else if (standing.has(name)) replaced.push(row);
      else if (tools.vacated.isGone(row.node, sighting.folder, row.local!.stat, sighting.isConfirming)) gone.push(row);
    }
  }

  if (unseen.length > 0) await removeLocal(session, unseen, undefined, { isUnseen: true });
  if (untracked.length > 0) await forgetUntracked();
  if (relinked.length > 0) await takeLinks();
  if (changed.length > 0) {
    await record(session, { rows: changed });
    // What failed for what it was before may go through as it is now.
    await session.patience.done(changed.map((row) => row.node));
  }
  if (arriving.length + gone.length + replaced.length > 0) await takeNewcomers();
  return folders;

  /** The folder that a disk was mounted on went with it: what is on that disk was deleted by nobody. */
  async function isGoneMount(row: NodeRow, device: bigint): Promise<boolean> {
    return isMountIn(device, row) && (await session.ports.store.childrenOf('local', row.node)).length > 0;
  }

  /** What is on its way to the server is known there soon. */
  async function forgetUntracked(): Promise<void> {
    const onTheWay = new Set((await session.ports.store.inFlight())?.nodes);
    const isIdle = ({ node }: NodeRow): boolean => !onTheWay.has(node) && !session.transfers.isBusy(node);
    await removeLocal(session, untracked.filter(isIdle));
  }

  function compare(row: NodeRow, { stat }: DiskEntry, path: RelPath): void {
    const local = row.local!;
    if (local.kind !== 'folder') tools.trouble(path, null);
    if (local.kind === 'folder') {
      const isSameFolder = local.stat.inode === stat.inode && local.stat.device === stat.device;
      folders.push({ node: row.node, parent: local.parent, path, isNew: !isSameFolder });
      // A changed volume is judged when the folder itself is listed.
      if (local.stat.device === stat.device && (local.stat.mode !== stat.mode || !isSameFolder)) {
        changed.push({ ...row, local: { ...local, stat } });
      }
      return;
    }
    if (isSameObservation(local.stat, stat)) return tools.ripeness.forget(path);
    if (local.kind === 'link') return void relinked.push({ row, path, stat });
    if (tools.ripeness.isRipe(path, stat, local.stat))
      changed.push({ ...row, local: { ...local, stat, content: null } });
  }

  async function takeLinks(): Promise<void> {
    const targets = await readTargets(
      session,
      relinked.map(({ path }) => path),
    );
    relinked.forEach(({ row, stat }, i) => {
      const target = targets[i];
      if (target == null) return;
      changed.push({ ...row, local: { ...row.local!, stat, content: { kind: 'link', target } } });
    });
  }

  async function takeNewcomers(): Promise<void> {
    const ripe: { sighting: Sighting; name: Name; path: RelPath; stat: FileStat }[] = [];
    for (const { sighting, entry } of arriving) {
      const path = joinPath(sighting.path, entry.name);
      if (entry.stat.kind === 'file' && !tools.ripeness.isRipe(path, entry.stat, null)) continue;
      ripe.push({ sighting, path, name: entry.name, stat: entry.stat });
    }
    const links = ripe.filter(({ stat }) => stat.kind === 'link');
    const targets = new Map<RelPath, string | null>();
    (
      await readTargets(
        session,
        links.map(({ path }) => path),
      )
    ).forEach((target, i) => targets.set(links[i]!.path, target));
    const leaving = new Set([...gone, ...replaced].map((row) => row.node));
    const holders = await session.ports.store.childrenOnDisk(
      ripe.map(({ sighting, name }) => ({ parent: sighting.folder, name })),
    );
    const newcomers: Newcomer[] = ripe
      // Taken by another way meanwhile: the next look compares it.
      .filter((_, i) => holders[i] === undefined || leaving.has(holders[i].node))
      .map(({ sighting, path, name, stat }) => ({
        parent: sighting.folder,
        path,
        name,
        stat,
        target: targets.get(path) ?? null,
      }))
      .filter(({ stat, target }) => stat.kind !== 'link' || target !== null);
    const found = await identifyNewcomers(session, newcomers, tools);
    const identities = found.filter((identity) => identity !== null);
    const moved = new Set(identities.filter(({ isMoved }) => isMoved).map(({ row }) => row.node));
    await removeLocal(
      session,
      gone.filter((row) => !moved.has(row.node)),
      // What was in a folder that is gone may stand elsewhere already, and is only not taken there yet.
      (row) => {
        if (tools.ripeness.isAwaiting(row.local!.stat)) tools.vacated.leave(row);
      },
      { facts: () => tools.leftNote.facts() },
    );
    await removeLocal(
      session,
      replaced.filter((row) => !moved.has(row.node)),
      (row) => tools.vacated.leave(row),
      { facts: () => tools.leftNote.facts() },
    );
    const rows = await withoutNameTwins(
      session,
      identities.map(({ row }) => row),
      leaving,
    );
    if (rows.length > 0) await record(session, { rows });
    found.forEach((identity, i) => {
      if (identity === null) return session.hint([newcomers[i]!.path]);
      const { row, isMoved } = identity;
      if (isMoved) tools.vacated.returned(row.node);
      tools.vacated.found(row.node);
      const { parent, path } = newcomers[i]!;
      if (row.local!.kind === 'folder') folders.push({ node: row.node, parent, path, isNew: true });
    });
  }
}

function isSeen({ local }: NodeRow, entries: readonly DiskEntry[]): boolean {
  const stat = entries.find(({ name }) => name === diskNameOf(local!))?.stat;
  return stat?.kind === local!.kind && stat.inode === local!.stat.inode;
}

function isOnlyHere({ remote, synced }: NodeRow): boolean {
  return remote === null && synced === null;
}

async function readTargets(session: Session, paths: readonly RelPath[]): Promise<readonly (string | null)[]> {
  return paths.length === 0 ? [] : session.ports.files.readLinks(paths);
}
