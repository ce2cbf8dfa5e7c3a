import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { OnefoldError, type DeviceId, type NamespaceId } from '@onefold/protocol';
import type { FileStat } from '../../core/tree.ts';
import { writeDurably } from './durable-write.ts';
import { makeFolder } from './entry-names.ts';
import { isMissing } from './errno.ts';
import { lstatOf } from './file-stat.ts';
import { encodeName } from './name-bytes.ts';
import { OWN_FOLDER, STAGING, TRASH, type RootPlace } from './rooted-paths.ts';

/*
 * `.onefold/marker.json` says whose folder this is. It names the inode of the folder it was made for, so that a copy of the folder, marker
 * and all, is not taken for the folder itself.
 */

const digits = z.string().regex(/^\d+$/);
const markerSchema = z.object({
  format: z.literal(1),
  folderId: z.string().min(1),
  deviceId: z.string().min(1),
  namespaceId: z.string().min(1),
  volume: digits,
  inode: digits,
  birthtimeNs: digits,
});

/** A folder as the home remembers it: what the marker must say and where the folder stood. */
export interface RootRecord {
  /** Real absolute path; bytes that are no UTF-8 as in Name. */
  readonly path: string;
  readonly folderId: string;
  readonly deviceId: DeviceId;
  readonly namespaceId: NamespaceId;
  readonly volume: bigint;
  readonly inode: bigint;
  readonly birthtimeNs: bigint;
}

export type RootState =
  | { readonly outcome: 'present'; readonly stat: FileStat; readonly place: RootPlace }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'replaced'; readonly why: string };

/** Makes `.onefold/` with a fresh marker in a folder that has none. Throws `root-in-use` where another marker stands. */
export async function writeMarker(
  rootPath: string,
  ids: Pick<RootRecord, 'folderId' | 'deviceId' | 'namespaceId'>,
): Promise<RootRecord> {
  const root = encodeName(rootPath);
  const stat = lstatOf(root);
  if (stat?.kind !== 'folder') throw new OnefoldError('root-missing', 'no folder stands there');
  for (const folder of [OWN_FOLDER, STAGING, TRASH]) {
    makeFolder(Buffer.concat([root, Buffer.from(`/${folder}`)]), 0o700);
  }
  const record: RootRecord = {
    path: rootPath,
    ...ids,
    volume: stat.device,
    inode: stat.inode,
    birthtimeNs: stat.birthtimeNs,
  };
  const marker: z.infer<typeof markerSchema> = {
    format: 1,
    ...ids,
    volume: stat.device.toString(),
    inode: stat.inode.toString(),
    birthtimeNs: stat.birthtimeNs.toString(),
  };
  await writeDurably(markerPath(rootPath), `${JSON.stringify(marker, null, 2)}\n`);
  return record;
}

/** Whether the folder at `record.path` is still the one that was added. Throws only on I/O errors that say neither. */
export async function inspectRoot(record: RootRecord): Promise<RootState> {
  const found = lstatOf(encodeName(record.path));
  if (found === null) return { outcome: 'missing' };
  if (found.kind !== 'folder') return { outcome: 'replaced', why: 'it is no folder' };
  const marker = await readMarker(record.path);
  if (marker === 'missing') return { outcome: 'replaced', why: 'it has no marker of this product' };
  if (marker === 'unreadable') return { outcome: 'replaced', why: 'its marker cannot be read' };
  if (marker.folderId !== record.folderId || marker.deviceId !== record.deviceId) {
    return { outcome: 'replaced', why: 'its marker names another folder or device' };
  }
  const isSameFolder =
    found.inode === record.inode && found.birthtimeNs === record.birthtimeNs && BigInt(marker.inode) === found.inode;
  if (!isSameFolder) return { outcome: 'replaced', why: 'it is a copy, or was made anew' };
  // Without a birth time nothing but the volume's number tells two volumes with equal inode numbers apart.
  if (found.device !== record.volume && found.birthtimeNs === 0n) {
    return { outcome: 'replaced', why: 'it is on another volume' };
  }
  const alias = { actual: found.device, recorded: record.volume };
  const place = { path: record.path, inode: record.inode, alias };
  return { outcome: 'present', stat: { ...found, device: record.volume }, place };
}

type Marker = z.infer<typeof markerSchema>;

/** The marker of any folder, ours or not. */
export async function readMarker(rootPath: string): Promise<Marker | 'missing' | 'unreadable'> {
  let text: string;
  try {
    text = await readFile(markerPath(rootPath), 'utf8');
  } catch (error) {
    if (isMissing(error)) return 'missing';
    throw error;
  }
  try {
    const parsed = markerSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

function markerPath(rootPath: string): string {
  return path.join(rootPath, OWN_FOLDER, 'marker.json');
}

export function lockPath(rootPath: string): string {
  return path.join(rootPath, OWN_FOLDER, 'lock');
}
