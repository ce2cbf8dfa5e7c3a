import { OnefoldError } from '@onefold/protocol';
import type { ActivityItem } from '../../ports.ts';
import type { AccountContext } from './account-context.ts';
import type { FolderRunner } from './folder-runner.ts';
import { nameOfDevice } from './own-name.ts';
import type { ActivityArgs, ActivityEntry } from './shapes.ts';

/* One feed from the feeds of all folders, newest first. Its order: time, then folder, then the folder's own count. */

const PAGE = 200;

interface Position {
  readonly atMs: number;
  readonly folder: string;
  readonly id: number;
}

interface Placed {
  readonly position: Position;
  readonly runner: FolderRunner;
  readonly item: ActivityItem;
}

export async function listActivity(
  context: AccountContext,
  runners: readonly FolderRunner[],
  { limit, before }: ActivityArgs,
): Promise<{ items: ActivityEntry[] }> {
  const cursor = before === undefined ? null : parsePosition(before);
  const found: Placed[] = [];
  for (const runner of runners) found.push(...(await newestOf(runner, limit, cursor)));
  found.sort((a, b) => compare(b.position, a.position));
  return { items: found.slice(0, limit).map(({ runner, item }) => toEntry(context, runner, item)) };
}

export function toEntry(context: AccountContext, runner: FolderRunner, item: ActivityItem): ActivityEntry {
  const here = context.account.device;
  const device = item.device ?? here;
  return {
    id: formatPosition(positionOf(runner, item)),
    atMs: item.atMs,
    kind: item.kind,
    path: item.path,
    ...(item.previousPath === null ? {} : { previousPath: item.previousPath }),
    folder: runner.folder.path,
    device: { id: device, name: nameOfDevice(context, device), here: device === here },
  };
}

/** At most `limit` items of one folder that come before the cursor. */
async function newestOf(runner: FolderRunner, limit: number, cursor: Position | null): Promise<Placed[]> {
  const engine = runner.running()?.engine;
  const found: Placed[] = [];
  let beforeId = cursor?.folder === folderKey(runner) ? cursor.id : null;
  while (engine !== undefined && found.length < limit) {
    const page = await engine.activity(PAGE, beforeId);
    for (const item of page) {
      const position = positionOf(runner, item);
      if (cursor === null || compare(position, cursor) < 0) found.push({ position, runner, item });
    }
    if (page.length < PAGE) break;
    beforeId = page.at(-1)!.id;
  }
  return found.slice(0, limit);
}

function folderKey(runner: FolderRunner): string {
  return runner.folder.folderId.slice(0, 8);
}

function positionOf(runner: FolderRunner, { atMs, id }: ActivityItem): Position {
  return { atMs, folder: folderKey(runner), id };
}

function compare(a: Position, b: Position): number {
  if (a.atMs !== b.atMs) return a.atMs - b.atMs;
  if (a.folder !== b.folder) return a.folder < b.folder ? -1 : 1;
  return a.id - b.id;
}

function formatPosition({ atMs, folder, id }: Position): string {
  return `${atMs}.${folder}.${id}`;
}

function parsePosition(text: string): Position {
  const parts = /^(\d+)\.([0-9a-f]{8})\.(\d+)$/.exec(text);
  if (parts === null) throw new OnefoldError('invalid-argument', 'not an item of the feed');
  return { atMs: Number(parts[1]), folder: parts[2]!, id: Number(parts[3]) };
}
