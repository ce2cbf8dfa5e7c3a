import { OnefoldError } from '@onefold/protocol';
import type { NodeRow } from '../core/tree.ts';
import type { Session } from './session.ts';
import type { Staged } from './travelling.ts';

/** Downloads one old version of a file into staging and makes it durable. Throws `not-found` when there is no such version. */
export async function stageVersion(session: Session, row: NodeRow, version: number): Promise<Staged> {
  const { sealing, blocks, files } = session.ports;
  const { versions } = await session.line.direct.versions(row.node);
  const wanted = versions.find((entry) => entry.version === version);
  if (wanted === undefined) throw new OnefoldError('not-found', 'there is no such version');
  const opened = sealing.openContent({ node: row.node, version, epoch: wanted.epoch }, wanted.sealed);
  if (opened.outcome !== 'opened') throw new OnefoldError('seal-corrupt', 'this version does not open');
  const content = opened.value;
  if (content.kind === 'link') throw new OnefoldError('invalid-argument', 'a link has no bytes to restore');
  const source = session.transfers.source(session.line.direct);
  const references =
    content.kind === 'file'
      ? content.references
      : sealing.decodeReferences(await blocks.openBytes(content.manifest, source));
  const staging = files.stagingPath('');
  const mode = row.remote?.attributes?.mode ?? null;
  const { contentId, sizeBytes } = content;
  const [written] = await blocks.assemble(
    [{ staging, sizeBytes, contentId, references, attributes: { mtimeNs: null, mode }, donors: [] }],
    source,
  );
  if (written?.outcome !== 'written')
    throw new OnefoldError(written?.code ?? 'internal', 'this version could not be fetched');
  const flushed = await files.flush([staging]);
  if (flushed.outcome === 'failed') throw new OnefoldError(flushed.code, 'this version could not be kept');
  return { path: staging, stat: written.stat, contentId, attributes: { mtimeNs: null, mode } };
}
