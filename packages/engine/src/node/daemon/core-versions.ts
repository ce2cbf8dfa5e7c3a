import path from 'node:path';
import { OnefoldError } from '@onefold/protocol';
import type { AccountContext } from './account-context.ts';
import { toEntry } from './core-activity.ts';
import { placeOf, type Place } from './core-browse.ts';
import type { FolderRunner } from './folder-runner.ts';
import { nameOfDevice } from './own-name.ts';
import { previewOf, PREVIEW_BYTES, type Preview } from './preview.ts';
import type { Device, PathArgs, RestoreArgs } from './shapes.ts';

export interface Version {
  version: string;
  atMs: number;
  sizeBytes: number;
  device: Device;
  kind: 'added' | 'edited' | 'restored';
  isCurrent: boolean;
}

export interface PlaceEvent {
  atMs: number;
  kind: 'renamed' | 'moved' | 'deleted' | 'restored';
  path: string;
  previousPath?: string;
  device: Device;
}

export interface PreviewArgs extends PathArgs {
  version?: string | undefined;
}

export interface MoveArgs {
  readonly folder: string;
  readonly path: string;
  readonly to: string;
}

/** Both newest first. */
export async function listVersionsOf(
  context: AccountContext,
  runners: readonly FolderRunner[],
  args: PathArgs,
): Promise<{ versions: Version[]; events: PlaceEvent[] }> {
  const place = placeOf(runners, args);
  const events = (await place.running.engine.placeEvents(place.path)).map((item): PlaceEvent => {
    const { atMs, kind, path: at, previousPath, device } = toEntry(context, place.runner, item);
    return {
      atMs,
      kind: kind as PlaceEvent['kind'],
      path: at,
      ...(previousPath === undefined ? {} : { previousPath }),
      device: { id: device.id, name: device.name },
    };
  });
  const versions = await versionsAt(context, place);
  return { versions, events: events.filter((event) => !isToldByVersion(event, versions)) };
}

/** Bringing a version back is a version and an event on the device that did it; the server's clock may stand before or behind its own. */
function isToldByVersion({ kind, atMs, device }: PlaceEvent, versions: readonly Version[]): boolean {
  if (kind !== 'restored') return false;
  const beside = [
    versions.findLast((version) => version.atMs >= atMs),
    versions.find((version) => version.atMs < atMs),
  ];
  return beside.some((version) => version?.kind === 'restored' && version.device.id === device.id);
}

async function versionsAt(context: AccountContext, place: Place): Promise<Version[]> {
  const versions = await place.running.engine.versions(place.path);
  return versions
    .map(({ id, device, acceptedAtMs, sizeBytes, kind, isCurrent }): Version => ({
      version: id,
      atMs: acceptedAtMs,
      sizeBytes: sizeBytes ?? 0,
      device: { id: device, name: nameOfDevice(context, device) },
      kind,
      isCurrent,
    }))
    .reverse();
}

export async function restorePath(
  context: AccountContext,
  runners: readonly FolderRunner[],
  args: RestoreArgs,
): Promise<{ path: string }> {
  const place = placeOf(runners, args);
  const wanted = args.version ?? (await versionsAt(context, place)).find((version) => !version.isCurrent)?.version;
  if (wanted === undefined) throw new OnefoldError('not-found', 'there is no older version');
  const target = args.to === undefined ? place : placeOf(runners, { ...args, path: args.to });
  if (target.runner !== place.runner)
    throw new OnefoldError('invalid-argument', 'a version goes back into its own folder');
  await place.running.engine.restoreVersion(place.path, wanted, target.path);
  return { path: args.folder === undefined ? path.join(place.runner.folder.path, target.path) : target.path };
}

export async function previewPath(runners: readonly FolderRunner[], args: PreviewArgs): Promise<Preview> {
  const place = placeOf(runners, args);
  const read = await place.running.engine.readVersion(place.path, args.version ?? null, PREVIEW_BYTES);
  return read.outcome === 'too-large' ? { kind: 'none', why: 'too-large' } : previewOf(read.bytes);
}

export async function movePath(
  runners: readonly FolderRunner[],
  { folder, path: from, to }: MoveArgs,
): Promise<Record<string, never>> {
  const place = placeOf(runners, { folder, path: from });
  await place.running.engine.move(place.path, placeOf(runners, { folder, path: to }).path);
  return {};
}
