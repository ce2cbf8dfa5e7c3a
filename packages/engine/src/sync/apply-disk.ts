import type { NodeId } from '@onefold/protocol';
import type { DownOperation } from '../core/operation.ts';
import { joinPath } from '../core/names.ts';
import type { NodeRow, RelPath } from '../core/tree.ts';
import type { DiskChange } from '../ports.ts';
import { describeChanges, type Step } from './disk-steps.ts';
import { takeResults } from './disk-results.ts';
import { fail } from './fail.ts';
import { isLargeFile, record, type Session } from './session.ts';
import { settleIntents } from './settle.ts';
import { stageFiles } from './stage.ts';
import { stageLinks, type LinkItem } from './stage-links.ts';
import type { StageItem, StageOutcome, Staged } from './travelling.ts';

/** Bounds of one batch: one download, one flush, one transaction. */
const OPERATIONS_AT_ONCE = 512;
const BYTES_AT_ONCE = 32 * 1024 * 1024;

interface DownBatch {
  readonly operations: readonly DownOperation[];
  readonly rows: ReadonlyMap<NodeId, NodeRow>;
}

interface StagedBatch extends DownBatch {
  readonly staged: ReadonlyMap<NodeId, Staged>;
}

/**
 * Makes this disk what the plan says, in order, in batches: stage, verify, flush, record what is about to happen, rename, flush, and only
 * then move Synced. The next batch is downloaded while one is put in place. Answers how many operations went through.
 */
export async function applyDown(session: Session, operations: readonly DownOperation[]): Promise<number> {
  const batches = await splitBatches(session, operations);
  let done = 0;
  let coming = batches.length > 0 ? stageBatch(session, batches[0]!) : null;
  try {
    for (let i = 0; i < batches.length; i++) {
      const batch = await coming!;
      coming = i + 1 < batches.length && session.mayGoOn() ? stageBatch(session, batches[i + 1]!) : null;
      // A rejection is met when its turn comes; until then it must not count as unhandled.
      coming?.catch(() => undefined);
      done += await placeBatch(session, batch);
      if (coming === null) break;
    }
    return done;
  } catch (thrown) {
    const left = await coming?.catch(() => null);
    if (left != null) await session.ports.files.discard([...left.staged.values()].map(({ path }) => path));
    throw thrown;
  }
}

async function splitBatches(session: Session, operations: readonly DownOperation[]): Promise<DownBatch[]> {
  const nodes = [...new Set(operations.map(({ node }) => node))];
  const found = await session.ports.store.rows(nodes);
  const rows = new Map<NodeId, NodeRow>();
  nodes.forEach((node, i) => found[i] !== undefined && rows.set(node, found[i]));
  const batches: DownOperation[][] = [];
  let batch: DownOperation[] = [];
  let bytes = 0;
  for (const operation of operations) {
    const row = rows.get(operation.node);
    if (row === undefined || (await goesAlone(session, operation, row))) continue;
    const size = downloadBytes(operation, row);
    if (batch.length > 0 && (bytes + size > BYTES_AT_ONCE || batch.length >= OPERATIONS_AT_ONCE)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(operation);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches.map((part) => ({
    operations: part,
    rows: new Map(part.map(({ node }) => [node, rows.get(node)!])),
  }));
}

function needsStaging(operation: DownOperation): boolean {
  return operation.op === 'create' || operation.op === 'replace';
}

function downloadBytes(operation: DownOperation, row: NodeRow): number {
  return needsStaging(operation) && row.remote?.content?.kind === 'file' ? row.remote.content.sizeBytes : 0;
}

/** A large file is downloaded beside the cycles, and put in place by the one that finds it staged. */
async function goesAlone(session: Session, operation: DownOperation, row: NodeRow): Promise<boolean> {
  const content = row.remote?.content;
  if (!needsStaging(operation) || content?.kind !== 'file' || !isLargeFile(session, content.sizeBytes)) return false;
  if (session.transfers.stagedFor(row.node, content.contentId) !== undefined) return false;
  session.transfers.download({ row, localPath: await session.paths.of(row) });
  return true;
}

async function stageBatch(session: Session, batch: DownBatch): Promise<StagedBatch> {
  const items: StageItem[] = [];
  const links: LinkItem[] = [];
  const staged = new Map<NodeId, Staged>();
  for (const operation of batch.operations) {
    const row = batch.rows.get(operation.node)!;
    const content = row.remote?.content;
    if (!needsStaging(operation)) continue;
    if (content?.kind === 'link')
      links.push({ row, target: content.target, near: await placeOf(session, operation, row) });
    if (content?.kind !== 'file') continue;
    const ready = session.transfers.stagedFor(row.node, content.contentId);
    if (ready !== undefined) staged.set(row.node, ready);
    else items.push({ row, localPath: await session.paths.of(row) });
  }
  if (links.length > 0) {
    const made = await stageLinks(session, links);
    await Promise.all(made.map((outcome, i) => keepOutcome(session, links[i]!.row, links[i]!.near, outcome, staged)));
  }
  if (items.length === 0) return { ...batch, staged };
  const { outcomes, opened } = await stageFiles(session, items);
  if (opened.length > 0) await session.ports.store.commit({ blocks: opened });
  await Promise.all(
    outcomes.map((outcome, i) => {
      const { row, localPath } = items[i]!;
      return keepOutcome(session, row, localPath ?? row.remote?.name ?? '', outcome, staged);
    }),
  );
  return { ...batch, staged };
}

/** Where it stands, or is to stand if its folder does. */
async function placeOf(session: Session, operation: DownOperation, row: NodeRow): Promise<RelPath> {
  if ('name' in operation) return joinPath((await session.paths.folder(operation.parent)) ?? '', operation.name);
  return (await session.paths.of(row)) ?? '';
}

async function keepOutcome(
  session: Session,
  row: NodeRow,
  path: RelPath,
  outcome: StageOutcome,
  staged: Map<NodeId, Staged>,
): Promise<void> {
  if ('failed' in outcome) await fail(session, row, path, 'down', outcome.failed);
  else staged.set(row.node, outcome);
}

async function placeBatch(session: Session, batch: StagedBatch): Promise<number> {
  const { files } = session.ports;
  const steps: Step[] = await describeChanges(session, batch.operations, batch.rows, batch.staged);
  const placing = new Set(steps.map((step) => step.staged));
  const unused = [...batch.staged].filter(([, staged]) => !placing.has(staged));
  if (unused.length > 0) await files.discard(unused.map(([, { path }]) => path));
  for (const [node] of unused) session.transfers.placed(node);
  if (steps.length === 0) return 0;
  const changes: DiskChange[] = steps.flatMap((step) => step.changes);
  const stagedPaths = [...batch.staged.values()].map(({ path }) => path);
  if (stagedPaths.length > 0) {
    const flushed = await files.flush(stagedPaths);
    if (flushed.outcome === 'failed') return failAll(session, steps, flushed.code);
  }
  const intents = steps.flatMap((step) => step.intents);
  if (intents.length > 0) await record(session, { diskIntents: { put: intents } });
  const results = await files.change(changes);
  const flushed = await files.flush(steps.map((step) => step.path));
  // Not durable: as after a crash, the disk is looked at before anything is believed.
  if (flushed.outcome === 'failed') {
    const { isExplained } = await settleIntents(session, intents);
    if (!isExplained) session.unexplained = 'intents';
    return failAll(session, steps, flushed.code, isExplained);
  }
  // Another folder took the root's place meanwhile: what was made in it is not here, and would pass for deleted when the root is back.
  if ((await files.checkRoot()).outcome !== 'present') {
    session.unexplained = 'all';
    return failAll(session, steps, 'precondition-failed', false);
  }
  return takeResults(session, steps, results);
}

/** What is staged stays as evidence until its intents are explained, and is swept then. */
async function failAll(
  session: Session,
  steps: readonly Step[],
  code: Parameters<typeof fail>[4],
  isExplained = true,
): Promise<number> {
  if (isExplained) {
    await session.ports.files.discard(steps.flatMap((step) => (step.staged === null ? [] : [step.staged.path])));
  } else session.sweptAfter = 0;
  for (const step of steps) {
    session.transfers.placed(step.row.node);
    session.hint([step.path]);
    await fail(session, step.row, step.path, 'down', code);
  }
  return 0;
}
