import type { RelPath } from '../core/tree.ts';
import type { Session } from './session.ts';

/** The folder itself where it stands on the disk, and else the top, which is always there. Null: the disk does not say. */
export async function standingFolder(session: Session, folder: RelPath): Promise<RelPath | null> {
  if (folder === '') return '';
  const [stat] = await session.ports.files.stat([folder]);
  if (stat != null && 'outcome' in stat) return null;
  return stat?.kind === 'folder' ? folder : '';
}
