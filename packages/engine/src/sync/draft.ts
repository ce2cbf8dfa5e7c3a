import { LIMITS, type ContentId, type CtHash, type NodeId } from '@onefold/protocol';
import type { BlockReference } from '../core/tree.ts';
import type { PrepareOutcome } from '../ports.ts';
import { createBreather } from './breather.ts';
import { readFailed } from './apply-state.ts';
import { createPackWriter, type PackWriter, type Way } from './pack-writer.ts';
import { isLargeFile, type Session } from './session.ts';
import { isNoRoom } from './no-room.ts';
import { isFinalAnswer } from './refused-entry.ts';
import type { Draft, ReadyContent, ReadyUnit, RefusedDraft, Unit } from './travelling.ts';

/** Files sealed in one call of the workers. */
const FILES_AT_ONCE = 256;
const BYTES_AT_ONCE = 16 * 1024 * 1024;

/**
 * Reads, seals and sends what the units need. Files that cannot be read now are left out. Throws when the server cannot be reached, or does not take it
 * for now.
 */
export async function prepareDraft(
  session: Session,
  units: readonly Unit[],
  way: Pick<Way, 'remote' | 'held'> = { remote: session.ports.remote, held: () => undefined },
): Promise<Draft | RefusedDraft> {
  const reading = units.filter(({ operation, row }) => operation.content && row.local?.kind === 'file');
  const isFresh = reading.some(({ operation }) => operation.lost === 'all');
  const writer = createPackWriter(session, await describeUpload(session, reading), { ...way, isFresh });
  try {
    return await sendContents(session, units, reading, writer);
  } catch (thrown) {
    const failure = writer.failure();
    if (failure !== null && isFinalAnswer(failure) && !isNoRoom(failure.code)) return { refused: failure };
    throw thrown;
  }
}

async function sendContents(
  session: Session,
  units: readonly Unit[],
  reading: readonly Unit[],
  writer: PackWriter,
): Promise<Draft> {
  const contents = new Map<NodeId, ReadyContent | 'failed'>();
  for (const unit of units) {
    const local = unit.row.local;
    if (!unit.operation.content || local?.content?.kind !== 'link') continue;
    contents.set(unit.row.node, { value: local.content, sealed: local.content, references: [] });
  }
  for (const batch of batches(reading)) {
    const epoch = session.cursor!.epoch;
    const items = batch.map(({ row, path }) => ({ path, expect: row.local!.stat }));
    const outcomes = await session.ports.blocks.prepare(items, epoch, writer);
    for (const [i, unit] of batch.entries())
      contents.set(unit.row.node, await readyContent(session, unit, outcomes[i]!, writer));
  }
  const { uploadId, pack } = await writer.finish();
  const ready = units
    .map((unit) => ({ ...unit, content: contents.get(unit.row.node) ?? null }))
    .filter((unit): unit is ReadyUnit => unit.content !== 'failed');
  return { units: ready, uploadId, pack };
}

/** What the other devices are told while it goes up: sealed names and sizes. */
async function describeUpload(session: Session, units: readonly Unit[]) {
  const { sealing, clock } = session.ports;
  const breathe = createBreather(clock);
  const nodes: { readonly node: NodeId; readonly label: Uint8Array }[] = [];
  for (const { row } of units.slice(0, LIMITS.changesPerEntry)) {
    const breath = breathe();
    if (breath !== null) await breath;
    const label = sealing.sealLabel(row.node, { name: row.local!.name, sizeBytes: row.local!.stat.sizeBytes });
    nodes.push({ node: row.node, label });
  }
  return { nodes, paddedBytes: units.reduce((sum, { row }) => sum + row.local!.stat.sizeBytes, 0) };
}

function* batches(units: readonly Unit[]): Generator<readonly Unit[]> {
  let batch: Unit[] = [];
  let bytes = 0;
  for (const unit of units) {
    const size = unit.row.local!.stat.sizeBytes;
    if (batch.length > 0 && (batch.length >= FILES_AT_ONCE || bytes + size > BYTES_AT_ONCE)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(unit);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

async function readyContent(
  session: Session,
  unit: Unit,
  outcome: PrepareOutcome,
  writer: PackWriter,
): Promise<ReadyContent | 'failed'> {
  if (outcome.outcome !== 'read') {
    await readFailed(session, unit.row, unit.path, outcome);
    return 'failed';
  }
  const { contentId, sizeBytes, references } = outcome;
  const value = { kind: 'file', contentId, sizeBytes } as const;
  if (!isToSay(unit, contentId)) return { value, sealed: null, references: [] };
  if (references.length <= LIMITS.inlineReferences) return { value, sealed: { ...value, references }, references };
  const { sealing, blocks } = session.ports;
  const manifest = await blocks.sealBytes(sealing.encodeReferences(references), session.cursor!.epoch, writer);
  const sealed = { kind: 'manifest', contentId, sizeBytes, manifest } as const;
  return { value, sealed, references: [...references, ...manifest] };
}

/**
 * Whether what was read is to be said: where the journal says it already only its own bytes could tell. What the server has lost is said again for as long
 * as it is what the journal says, and never in the place of what somebody has written since.
 */
export function isToSay({ operation, row }: Unit, contentId: ContentId): boolean {
  const known = row.remote?.content;
  const isKnownThere = operation.place !== 'create' && known?.kind === 'file' && known.contentId === contentId;
  return operation.lost === undefined ? !isKnownThere : isKnownThere;
}

/** Visible half of a content register: the difference between the blocks of the new version and those of the one it replaces. */
export function blockDifference(
  before: readonly BlockReference[],
  after: readonly BlockReference[],
): { added: [CtHash, number][]; dropped: CtHash[] } {
  const old = new Set(before.map((reference) => reference.ctHash));
  const now = new Map(after.map((reference) => [reference.ctHash, reference.ctLength]));
  return {
    added: [...now].filter(([ctHash]) => !old.has(ctHash)),
    dropped: [...old].filter((ctHash) => !now.has(ctHash)),
  };
}

export function isLargeUnit(session: Session, { operation, row }: Unit): boolean {
  return operation.content && row.local?.kind === 'file' && isLargeFile(session, row.local.stat.sizeBytes);
}
