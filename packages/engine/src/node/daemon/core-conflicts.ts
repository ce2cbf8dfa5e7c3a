import { randomUUID } from 'node:crypto';
import { readFile, realpath, rm, stat } from 'node:fs/promises';
import nodePath from 'node:path';
import { OnefoldError, toHex } from '@onefold/protocol';
import { readConflictName } from '../../core/conflict-name.ts';
import { joinPath, lastName, parentPath } from '../../core/names.ts';
import type { ConflictFound, MergedText, UndoStep } from '../../sync/conflicts.ts';
import { writeDurably } from '../disk/durable-write.ts';
import { OWN_FOLDER } from '../disk/rooted-paths.ts';
import { systemRandom } from '../machine/random.ts';
import type { AccountContext } from './account-context.ts';
import { byFolder, placeOf } from './core-browse.ts';
import type { FolderRunner } from './folder-runner.ts';
import { nameOfDevice } from './own-name.ts';
import type { Device } from './shapes.ts';

export interface ConflictSide {
  sizeBytes: number;
  mtimeMs: number;
  device: Device | null;
}

export interface ConflictCopy {
  folder: string;
  path: string;
  original: string;
  device: Device;
  atMs: number;
  copy: ConflictSide;
  other: ConflictSide | null;
}

export interface ResolveArgs {
  readonly folder: string;
  readonly path: string;
  readonly keep: 'original' | 'copy' | 'both';
}

export interface MergeArgs {
  readonly folder: string;
  readonly path: string;
  readonly text: string;
  readonly was: MergedText['was'];
}

/** Decisions that can be taken back while this process runs. */
export interface UndoBook {
  add(folder: string, steps: readonly UndoStep[]): string;
  /** Once. Throws `not-found`. */
  take(id: string): { readonly folder: string; readonly steps: readonly UndoStep[] };
}

const MOST_KEPT = 200;

export function createUndoBook(): UndoBook {
  const kept = new Map<string, { readonly folder: string; readonly steps: readonly UndoStep[] }>();
  return {
    add(folder, steps) {
      const id = toHex(systemRandom.bytes(16));
      kept.set(id, { folder, steps });
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
      return id;
    },
    take(id) {
      const found = kept.get(id);
      if (found === undefined) throw new OnefoldError('not-found', 'this cannot be taken back any more');
      kept.delete(id);
      return found;
    },
  };
}

/** The last first. */
export async function listConflictCopies(
  context: AccountContext,
  runners: readonly FolderRunner[],
): Promise<ConflictCopy[]> {
  const found: ConflictCopy[] = [];
  for (const runner of runners) {
    for (const one of (await runner.running()?.engine.conflicts()) ?? [])
      found.push(toCopy(context, runner.folder.path, one));
  }
  return found.sort((a, b) => b.atMs - a.atMs);
}

function toCopy(
  context: AccountContext,
  folder: string,
  { deviceName, copy, other, ...rest }: ConflictFound,
): ConflictCopy {
  const side = ({ sizeBytes, mtimeMs, author }: ConflictFound['copy']): ConflictSide => ({
    sizeBytes,
    mtimeMs,
    device: author === null ? null : { id: author, name: nameOfDevice(context, author) },
  });
  const known = [...context.keys.chain().devices.keys()].find((id) => nameOfDevice(context, id) === deviceName);
  const device = { id: known ?? (deviceName === '' ? 'unknown' : deviceName), name: deviceName };
  return { ...rest, folder, device, copy: side(copy), other: other === null ? null : side(other) };
}

export async function resolveConflictAt(
  runners: readonly FolderRunner[],
  book: UndoBook,
  { folder, path, keep }: ResolveArgs,
): Promise<{ undo: string }> {
  const place = placeOf(runners, { folder, path });
  return { undo: book.add(place.runner.folder.path, await place.running.engine.resolveConflict(place.path, keep)) };
}

/** Throws `invalid-argument` where a side is anything but plain UTF-8: the text would be written in another encoding than it was read in. */
export async function mergeConflictAt(
  runners: readonly FolderRunner[],
  book: UndoBook,
  { folder, path, text, was }: MergeArgs,
): Promise<{ undo: string }> {
  const place = placeOf(runners, { folder, path });
  const root = await realpath(place.runner.folder.path);
  const mark = readConflictName(lastName(place.path));
  if (mark === null) throw new OnefoldError('invalid-argument', 'this is not the copy of a conflict');
  const original = nodePath.join(root, joinPath(parentPath(place.path), mark.name));
  for (const side of [original, nodePath.join(root, place.path)]) await mustBePlainText(side);
  const at = `${OWN_FOLDER}/merged-${randomUUID()}`;
  const file = nodePath.join(root, at);
  const mode = (await stat(original)).mode & 0o777;
  try {
    await writeDurably(file, text, { mode });
    const steps = await place.running.engine.mergeConflict(place.path, { at, was });
    return { undo: book.add(place.runner.folder.path, steps) };
  } finally {
    await rm(file, { force: true });
  }
}

async function mustBePlainText(file: string): Promise<void> {
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) throw new OnefoldError('not-found', 'a side of it does not stand here any more');
  if (!Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes) || bytes[0] === 0xef)
    throw new OnefoldError('invalid-argument', 'a side is not plain UTF-8');
}

export async function takeBack(
  runners: readonly FolderRunner[],
  book: UndoBook,
  id: string,
): Promise<Record<string, never>> {
  const { folder, steps } = book.take(id);
  const { running } = placeOf(runners, { folder: byFolder(runners, folder).folder.path });
  await running.engine.undo(steps);
  return {};
}
