import { ROOT_NODE } from '@onefold/protocol';
import { conflictName } from '../core/conflict-name.ts';
import { namedAs } from '../core/local-name.ts';
import { joinPath, lastName, parentPath } from '../core/names.ts';
import type { FileStat } from '../core/tree.ts';
import type { DiskIntent } from '../ports.ts';
import { chooseDiskName } from './disk-names.ts';
import { readIntent, type KeptIntent } from './disk-intent.ts';
import { freshNodeId, record, type Session } from './session.ts';
import type { Displaced } from './session-parts.ts';
import { standingFolder } from './standing-folder.ts';

/** A program may still hold the replaced file open and go on writing to it. */
const LOOK_AFTER_MS = 30_000;

/*
 * Files that were replaced, kept in staging.
 *
 *   replaced --> compared at once --> compared again after 30 seconds --> discarded
 *                       \ differs                \ differs ------------> conflict copy beside the file
 */

type ReadDiskIntent = KeptIntent & { readonly intent: DiskIntent };

export function createDisplaced(session: Session): Displaced {
  const kept = new Map<string, { readonly intent: ReadDiskIntent; readonly atMs: number; looked: boolean }>();
  const { clock, files, blocks, store } = session.ports;

  async function look(): Promise<number> {
    const nowMs = clock.monotonicMs();
    const looks = [...kept.values()].filter(({ atMs, looked }) => !looked || nowMs - atMs >= LOOK_AFTER_MS);
    if (looks.length === 0) return 0;
    const intents = looks.map(({ intent }) => intent);
    const stats = await files.stat(intents.map(({ detail }) => detail.to));
    const finished: typeof intents = [];
    for (const [i, item] of intents.entries()) {
      const stat = stats[i] ?? null;
      if (stat !== null && 'outcome' in stat) continue;
      const isUntouched = stat === null || (stat.sizeBytes === item.sizeBytes && stat.mtimeNs === item.mtimeNs);
      const entry = looks[i]!;
      const found = isUntouched ? 'same' : await keepCopy(item);
      if (found === 'later') continue;
      // Whoever writes the same once more may go on writing.
      if (found === 'same' && clock.monotonicMs() - entry.atMs < LOOK_AFTER_MS) entry.looked = true;
      else finished.push(item);
    }
    if (finished.length > 0) {
      await files.discard(finished.map(({ detail }) => detail.to));
      await record(session, { diskIntents: { remove: finished.map(({ intent }) => intent.id) } });
      for (const { intent } of finished) kept.delete(intent.id);
    }
    return finished.length;
  }

  /** `kept`: what was written to it stands in the folder. `same`: it is as it was. `later`: that cannot be said, or done, just now. */
  async function keepCopy({ intent, detail, contentId }: ReadDiskIntent): Promise<'kept' | 'same' | 'later'> {
    if (detail.op !== 'displaced') return 'kept';
    const [stat] = await files.stat([detail.to]);
    if (stat == null || 'outcome' in stat) return stat === null ? 'kept' : 'later';
    if (await hasOtherName(stat)) return 'kept';
    const [read] = await blocks.identify([{ path: detail.to, expect: stat }]);
    if (read?.outcome !== 'read') return 'later';
    if (read.contentId === contentId) return 'same';
    const [row] = await store.rows([intent.node]);
    const path = row === undefined ? null : await session.paths.of(row);
    const parent = path === null ? undefined : row?.local?.parent;
    // Where the file itself is gone its folder may be too, or be called otherwise by now.
    const folderPath = path === null ? await standingFolder(session, parentPath(detail.at)) : parentPath(path);
    if (folderPath === null) return 'later';
    for (let attempt = 1; attempt < 100; attempt++) {
      const called = row?.local?.name ?? lastName(detail.at);
      const name = conflictName(called, session.options.deviceName, clock.nowMs(), attempt, false);
      const folder = { node: parent ?? ROOT_NODE, path: folderPath };
      const to = joinPath(folder.path, await chooseDiskName(session, folder, name, null));
      const [moved] = await files.change([
        { op: 'move', from: detail.to, to, expectFrom: stat, expectTo: null, keepAs: null },
      ]);
      if (moved?.outcome === 'precondition' && moved.found !== null) continue;
      if (moved?.outcome !== 'done' || moved.stat === null) return 'later';
      await files.flush([to]);
      if (parent !== undefined) {
        const node = freshNodeId(session);
        const content = { kind: 'file', contentId: read.contentId, sizeBytes: read.sizeBytes } as const;
        const names = namedAs(name, lastName(to));
        const local = { kind: 'file', parent, ...names, stat: moved.stat, content } as const;
        await record(session, { rows: [{ node, local, remote: null, synced: null }] });
        await session.noteConflict(node, to);
      }
      session.hint([to]);
      return 'kept';
    }
    return 'later';
  }

  /** Another name of the same inode stands in the folder: what was written to it is that file's edit. */
  async function hasOtherName(stat: FileStat): Promise<boolean> {
    if (stat.linkCount < 2) return false;
    const [rows = []] = await store.localByInodes([stat]);
    for (const row of rows) {
      const path = await session.paths.of(row);
      const [at] = path === null ? [] : await files.stat([path]);
      if (at == null || 'outcome' in at || at.inode !== stat.inode || at.device !== stat.device) continue;
      session.hint([path!]);
      return true;
    }
    return false;
  }

  return {
    add(intent) {
      kept.set(intent.id, {
        intent: { intent, ...readIntent(intent) },
        atMs: clock.monotonicMs(),
        looked: false,
      });
    },
    look,
    nextDueMs() {
      let soonest: number | null = null;
      for (const { atMs, looked } of kept.values()) {
        soonest = Math.min(soonest ?? Infinity, looked ? Math.max(0, atMs + LOOK_AFTER_MS - clock.monotonicMs()) : 0);
      }
      return soonest;
    },
  };
}
