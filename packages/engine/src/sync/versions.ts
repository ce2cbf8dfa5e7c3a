import { OnefoldError, type DeviceId, type NodeId } from '@onefold/protocol';
import { isAlive, isSettled, localUnchanged, sameContent } from '../core/settled.ts';
import { overlook } from '../core/overlook.ts';
import type { ContentValue, NodeRow, RelPath } from '../core/tree.ts';
import type { ActivityItem } from '../ports.ts';
import { findNode } from './browse.ts';
import { moveHere } from './change-here.ts';
import { record, type Session } from './session.ts';
import { stageVersion } from './stage-version.ts';

export interface ListedVersion {
  /** What restoring takes. Opaque. */
  readonly id: string;
  readonly seq: number;
  readonly device: DeviceId;
  readonly acceptedAtMs: number;
  /** Null when it does not open. */
  readonly sizeBytes: number | null;
  /** `restored`: the same bytes as an earlier version but the one before. */
  readonly kind: 'added' | 'edited' | 'restored';
  readonly isCurrent: boolean;
}

/** Files that stood at the path before and were deleted: what people call the file goes on through them. */
const MOST_LIVES = 8;
/** The feed is read so far back for what happened to a name. */
const MOST_ACTIVITY = 10_000;
const ACTIVITY_PAGE = 1_000;

/** The file at a path and those deleted under the same name, the present or last one first. Throws `not-found`. */
async function livesOf(session: Session, path: RelPath): Promise<NodeRow[]> {
  const row = await findNode(session, path);
  const { parent, name } = row.local ?? row.remote!;
  if (name === null) return [row];
  const namesakes = await session.ports.store.remoteNamesakes(parent, name, MOST_LIVES);
  const earlier = namesakes.filter((one) => one.node !== row.node && !isAlive(one.remote) && one.local === null);
  return [row, ...earlier.filter(({ remote }) => remote?.kind === (row.local ?? row.remote)?.kind)];
}

/** Content versions of a file, oldest first. Throws `not-found`, or what the server's answer calls for. */
export async function listVersions(session: Session, path: RelPath): Promise<ListedVersion[]> {
  const [row, ...earlier] = await livesOf(session, path);
  const listed = await versionsOf(session, row!, '');
  for (const life of earlier) listed.unshift(...(await versionsOf(session, life, `${life.node}.`)));
  const known: (ContentValue | null)[] = [];
  return listed
    .sort((a, b) => a.seq - b.seq)
    .map(({ content, version, ...rest }) => {
      const isRepeated = content !== null && known.slice(0, -1).some((one) => sameContent(one, content));
      const isSame = content !== null && sameContent(known.at(-1) ?? null, content);
      known.push(content);
      return { ...rest, kind: isRepeated || isSame ? 'restored' : version === 1 ? 'added' : 'edited' };
    });
}

async function versionsOf(session: Session, row: NodeRow, prefix: string) {
  const { sealing } = session.ports;
  const { versions } = await session.line.direct.versions(row.node);
  return versions.map(({ version, seq, epoch, device, acceptedAtMs, sealed }) => {
    const opened = sealing.openContent({ node: row.node, version, epoch }, sealed);
    const content: ContentValue | null =
      opened.outcome !== 'opened'
        ? null
        : opened.value.kind === 'link'
          ? opened.value
          : { kind: 'file', contentId: opened.value.contentId, sizeBytes: opened.value.sizeBytes };
    const sizeBytes = content?.kind === 'file' ? content.sizeBytes : null;
    const isCurrent = prefix === '' && isAlive(row.remote) && version === row.remote.contentVersion;
    return { id: `${prefix}${version}`, version, seq, device, acceptedAtMs, sizeBytes, content, isCurrent };
  });
}

/** What happened to the name of a file, and to folders above it, the last first: as far back as the feed here goes. */
export async function listPlaceEvents(session: Session, path: RelPath): Promise<ActivityItem[]> {
  const found: ActivityItem[] = [];
  let at = path;
  let before: number | null = null;
  for (let read = 0; read < MOST_ACTIVITY; read += ACTIVITY_PAGE) {
    const page: readonly ActivityItem[] = await session.ports.store.activity(ACTIVITY_PAGE, before);
    for (const item of page) {
      const isSelf = item.path === at;
      if (item.kind === 'renamed' || item.kind === 'moved') {
        if (item.previousPath === null || (!isSelf && !at.startsWith(`${item.path}/`))) continue;
        at = item.previousPath + at.slice(item.path.length);
        found.push(item);
      } else if (isSelf && (item.kind === 'deleted' || item.kind === 'restored')) found.push(item);
    }
    if (page.length < ACTIVITY_PAGE) break;
    before = page.at(-1)!.id;
  }
  return found;
}

/** The row and version number that an id names. Throws `not-found`. */
export async function findVersion(
  session: Session,
  path: RelPath,
  id: string,
): Promise<{ readonly row: NodeRow; readonly version: number }> {
  const parts = /^(?:([0-9a-f]{32})\.)?(\d{1,15})$/.exec(id);
  const lives = await livesOf(session, path);
  const row = parts?.[1] === undefined ? lives[0] : lives.find(({ node }) => node === (parts[1] as NodeId));
  if (parts === null || row === undefined) throw new OnefoldError('not-found', 'there is no such version');
  return { row, version: Number(parts[2]) };
}

/**
 * Puts an old version of a file back on this disk, at its own path or at `to`, as an edit made here: what it replaces stays a version of
 * the file. Throws `not-found`; `precondition-failed` when what stands there is not what was observed, or is not with the server yet.
 */
export async function restoreVersion(session: Session, path: RelPath, id: string, to: RelPath | null): Promise<void> {
  const { row, version } = await findVersion(session, path, id);
  await restoreNode(session, row, version, to ?? path);
}

/** As restoreVersion, of a node that is known. */
export async function restoreNode(session: Session, row: NodeRow, version: number, target: RelPath): Promise<void> {
  const { files, store } = session.ports;
  const staged = await stageVersion(session, row, version);
  const [standing] = await files.stat([target]);
  if (standing != null && 'outcome' in standing) throw new OnefoldError(standing.code, 'the place cannot be looked at');
  const node = await findNode(session, target).catch(() => null);
  const known = standing == null ? null : node;
  // In the place of a version that is lost nothing can come: what stands there instead is in an older one.
  const isOverLost = known?.local != null && known.synced !== null && session.unheld.isLost(known);
  const isKnown = known?.local != null && (isOverLost ? localUnchanged(known.local, known.synced) : isSettled(known));
  if (standing != null && !isKnown) {
    await files.discard([staged.path]);
    throw new OnefoldError('precondition-failed', 'what stands there has not been synced yet');
  }
  // As it was observed, not as it stands: what was written since is in no version yet, and must not be replaced.
  const expectTo = known?.local?.stat ?? null;
  try {
    await moveHere(session, { from: staged.path, to: target, expectFrom: staged.stat, expectTo });
  } catch (error) {
    await files.discard([staged.path]);
    throw error;
  }
  // Said even where the bytes are those that stood there.
  if (isOverLost) await record(session, { rows: [overlook(known)] });
  // So it is where nothing stood: a file that was found, and no older one that waits for the lost.
  else if (standing == null && node !== null && node.local === null && session.unheld.isLost(node))
    await record(session, { rows: [{ ...node, synced: null }] });
  await store.commit({
    activity: [
      { atMs: session.ports.clock.nowMs(), kind: 'restored', path: target, previousPath: null, device: session.device },
    ],
  });
}

export type VersionBytes =
  | { readonly outcome: 'read'; readonly bytes: Uint8Array }
  | { readonly outcome: 'too-large'; readonly sizeBytes: number };

/** The bytes of a version, or (null) of what stands on the disk now, if they are no more than `maxBytes`. Throws as restoreVersion does. */
export async function readVersion(
  session: Session,
  path: RelPath,
  id: string | null,
  maxBytes: number,
): Promise<VersionBytes> {
  const { files } = session.ports;
  if (id === null) {
    const [stat] = await files.stat([path]);
    if (stat == null || 'outcome' in stat || stat.kind !== 'file')
      throw new OnefoldError('not-found', 'no file stands there');
    if (stat.sizeBytes > maxBytes) return { outcome: 'too-large', sizeBytes: stat.sizeBytes };
    const bytes = await files.readSmall(path, maxBytes);
    if (!(bytes instanceof Uint8Array)) throw new OnefoldError('file-busy', 'the file cannot be read just now');
    return { outcome: 'read', bytes };
  }
  const { row, version } = await findVersion(session, path, id);
  const { versions } = await session.line.direct.versions(row.node);
  const wanted = versions.find((entry) => entry.version === version);
  if (wanted === undefined) throw new OnefoldError('not-found', 'there is no such version');
  const opened = session.ports.sealing.openContent({ node: row.node, version, epoch: wanted.epoch }, wanted.sealed);
  if (opened.outcome === 'opened' && opened.value.kind !== 'link' && opened.value.sizeBytes > maxBytes)
    return { outcome: 'too-large', sizeBytes: opened.value.sizeBytes };
  const staged = await stageVersion(session, row, version);
  const bytes = await files.readSmall(staged.path, maxBytes);
  await files.discard([staged.path]);
  if (!(bytes instanceof Uint8Array)) throw new OnefoldError('file-busy', 'the version cannot be read just now');
  return { outcome: 'read', bytes };
}
