import { OnefoldError, type RetentionPolicy, type RetentionResponse } from '@onefold/protocol';
import { placeOf } from './core-browse.ts';
import type { FolderRunner } from './folder-runner.ts';
import type { PathArgs } from './shapes.ts';

export interface RetentionArgs {
  folder?: string | undefined;
}

export function readRetention(runners: readonly FolderRunner[], args: RetentionArgs): Promise<RetentionResponse> {
  return placeOf(runners, args).running.engine.retention();
}

export function chooseRetention(
  runners: readonly FolderRunner[],
  { policy, ...args }: RetentionArgs & { policy: RetentionPolicy | null },
): Promise<RetentionResponse> {
  return placeOf(runners, args).running.engine.setRetention(policy);
}

export async function purgeVersionAt(
  runners: readonly FolderRunner[],
  { version, ...args }: PathArgs & { version: string },
): Promise<{ versions: number }> {
  const { running, path } = placeOf(runners, args);
  if (!/^\d{1,15}$/.test(version)) throw new OnefoldError('not-found', 'there is no such version');
  return { versions: await running.engine.purgeVersion(path, Number(version)) };
}

export async function purgeDeletedOf(
  runners: readonly FolderRunner[],
  { folder, id }: { folder: string; id: string },
): Promise<{ versions: number }> {
  return { versions: await placeOf(runners, { folder }).running.engine.purgeTrashed(id) };
}
