import { OnefoldError } from '@onefold/protocol';
import type { FolderMode } from '../../core/one-way.ts';
import type { Difference } from '../../sync/one-way.ts';
import { placeOf, runnerOf } from './core-browse.ts';
import { changeRegistry } from './folder-registry.ts';
import type { FolderRunner } from './folder-runner.ts';
import type { FolderRunners } from './folder-runners.ts';
import type { Home } from './home.ts';
import type { ListArgs } from './shapes.ts';

const PAGE = 1_000;

interface FolderArgs {
  folder?: string | undefined;
}

export async function listDifferencesOf(
  runners: readonly FolderRunner[],
  { folder, limit = PAGE, after }: FolderArgs & Pick<ListArgs, 'limit' | 'after'>,
): Promise<{ mode: FolderMode; total: number; differences: Difference[]; next?: string }> {
  const { running } = placeOf(runners, { folder });
  const { next, differences, ...rest } = await running.engine.differences(limit, after ?? null);
  const answer = { ...rest, differences: [...differences] };
  return next === null ? answer : { ...answer, next };
}

/** The list of kept folders says how; the folder is then opened anew. */
export async function setMode(
  home: Home,
  folders: FolderRunners,
  { folder, mode }: FolderArgs & { mode: FolderMode },
): Promise<Record<string, never>> {
  const { path } = runnerOf(folders.all(), { folder }).folder;
  await changeRegistry(home, (registry) => {
    if (!registry.folders.some((one) => one.path === path))
      throw new OnefoldError('not-found', 'this is no synced folder');
    return { ...registry, folders: registry.folders.map((one) => (one.path === path ? { ...one, mode } : one)) };
  });
  await folders.reread();
  const runner = folders.all().find((one) => one.folder.path === path);
  await runner?.opened();
  return {};
}

export async function settleMode(runners: readonly FolderRunner[], { folder }: FolderArgs): Promise<{ count: number }> {
  const { running } = placeOf(runners, { folder });
  return { count: await running.engine.settleOneWay() };
}
