import { OnefoldError, toOnefoldError, type NodeId } from '@onefold/protocol';
import { isAlive, isSettled } from '../core/settled.ts';
import type { ContentValue, FileStat, NodeRow, RelPath } from '../core/tree.ts';
import { identifyItems } from './apply-state.ts';
import { isToSay, prepareDraft } from './draft.ts';
import { fail } from './fail.ts';
import { parkRefused } from './refused-entry.ts';
import { createSpeedometer } from './speedometer.ts';
import { openPartial } from './partial-download.ts';
import { createBlockSource } from './remote-source.ts';
import type { Session } from './session.ts';
import { stageFiles } from './stage.ts';
import type { Draft, ReadyUnit, Staged, TransferItem } from './travelling.ts';
import type { Transfers } from './session-parts.ts';

/*
 * Large files travel beside the cycles, one up and one down at a time, so that small changes overtake them:
 *
 *   (wanted) -- running --> sent or staged --> taken by the next cycle
 *                      \--> failed: waits with the others
 */

type RunningItem = TransferItem & { doneBytes: number };
/** Tells by `done` how many more of the file's own bytes have arrived. */
type Work = (done: (plainBytes: number) => void) => Promise<void>;

export function createTransfers(session: () => Session): Transfers {
  const running = new Map<TransferItem['direction'], RunningItem>();
  const sent = new Map<NodeId, { readonly stat: FileStat; readonly draft: Draft }>();
  const staged = new Map<NodeId, Staged>();
  const identified = new Map<NodeId, { readonly stat: FileStat; readonly content: ContentValue }>();
  const speedometer = createSpeedometer(() => session().ports.clock.monotonicMs());
  let stopping = false;

  function start(about: Omit<TransferItem, 'doneBytes'>, row: NodeRow, path: RelPath, work: Work): void {
    const item: RunningItem = { ...about, doneBytes: 0 };
    if (stopping || running.has(item.direction)) return;
    running.set(item.direction, item);
    void work((bytes) => (item.doneBytes = Math.min(item.sizeBytes, item.doneBytes + bytes)))
      .catch(async (thrown: unknown) => {
        if (!stopping)
          await fail(session(), row, path, item.direction === 'down' ? 'down' : 'up', toOnefoldError(thrown).code);
      })
      .catch((thrown: unknown) => {
        session().ports.log.write('error', 'transfer-failed', { message: toOnefoldError(thrown).message });
      })
      .finally(() => {
        running.delete(item.direction);
        if (!stopping) session().wake();
      });
  }

  const transfers: Transfers = {
    lost: new Set(),
    source: (remote = session().ports.remote) => createBlockSource(remote, (bytes) => speedometer.add('down', bytes)),
    sent: (bytes) => speedometer.add('up', bytes),
    isBusy: (node) => [...running.values()].some((item) => item.node === node),
    upload(unit) {
      const { stat, name } = unit.row.local!;
      const about = { node: unit.row.node, name, direction: 'up', sizeBytes: stat.sizeBytes } as const;
      start(about, unit.row, unit.path, async (done) => {
        const draft = await prepareDraft(session(), [unit], { remote: session().line.transfers, held: done });
        if ('refused' in draft) return parkRefused(session(), [unit], draft.refused);
        if (draft.units.length > 0) sent.set(unit.row.node, { stat, draft });
      });
    },
    isSent(unit) {
      const known = sent.get(unit.row.node);
      if (known === undefined) return false;
      const { local } = unit.row;
      // Deleted meanwhile, or edited elsewhere too: then what was sent is not what is to be said.
      if (unit.operation.content && local !== null && isUnchanged(local.stat, known.stat)) return true;
      sent.delete(unit.row.node);
      return false;
    },
    takeSent(unit) {
      if (!transfers.isSent(unit)) return undefined;
      const { draft } = sent.get(unit.row.node)!;
      sent.delete(unit.row.node);
      const { content } = draft.units[0]!;
      // Its first word may have arrived by a commit that passed for lost when it was read.
      const isSaid = content?.value.kind === 'file' && !isToSay(unit, content.value.contentId);
      const ready: ReadyUnit = { ...unit, content: isSaid ? { ...content, sealed: null, references: [] } : content };
      return { ...draft, units: [ready] };
    },
    download(item) {
      const { row } = item;
      const content = row.remote?.content;
      if (content?.kind !== 'file') return;
      const about = {
        node: row.node,
        name: row.remote?.name ?? '',
        direction: 'down',
        sizeBytes: content.sizeBytes,
      } as const;
      start(about, row, item.localPath ?? about.name, async (done) => {
        const { outcomes, opened } = await stageFiles(session(), [item], {
          remote: session().line.transfers,
          arrived: done,
          keepsReferences: false,
          resumeAt: await openPartial(session(), row.node, item.localPath ?? ''),
        });
        const outcome = outcomes[0]!;
        if ('failed' in outcome) throw new OnefoldError(outcome.failed, 'a large file could not be fetched');
        if (opened.length > 0) await session().ports.store.commit({ blocks: opened });
        staged.set(row.node, outcome);
      });
    },
    stagedPaths: () => [...staged.values()].map(({ path }) => path),
    stagedFor(node, contentId) {
      const known = staged.get(node);
      if (known === undefined || known.contentId === contentId) return known;
      // The journal has gone on meanwhile: the next download takes up as much of it as is the same.
      staged.delete(node);
      return undefined;
    },
    async dropUnwanted() {
      if (staged.size === 0) return;
      const nodes = [...staged.keys()];
      const rows = await session().ports.store.rows(nodes);
      const dropped: RelPath[] = [];
      nodes.forEach((node, i) => {
        const known = staged.get(node);
        if (known === undefined || isWanted(rows[i], known.contentId)) return;
        staged.delete(node);
        dropped.push(known.path);
      });
      if (dropped.length > 0) await session().ports.files.discard(dropped);
    },
    placed: (node) => void staged.delete(node),
    identifyLarge(row, path) {
      const { stat, name } = row.local!;
      start({ node: row.node, name, direction: 'read', sizeBytes: stat.sizeBytes }, row, path, async () => {
        // Rows are the cycle's to write: by now the journal may say something else of this one.
        const [known] = await identifyItems(session(), [{ row, path }]);
        if (known !== undefined) identified.set(row.node, { stat, content: known.content });
      });
    },
    identifiedFor({ node, local }) {
      const known = identified.get(node);
      if (known === undefined) return undefined;
      identified.delete(node);
      return local !== null && isUnchanged(local.stat, known.stat) ? known.content : undefined;
    },
    running: () => [...running.values()],
    speed: () => speedometer.read(),
    stop() {
      stopping = true;
      session().line.close();
    },
    isStopping: () => stopping,
  };
  return transfers;
}

function isUnchanged(a: FileStat, b: FileStat): boolean {
  return a.inode === b.inode && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.sizeBytes === b.sizeBytes;
}

function isWanted(row: NodeRow | undefined, contentId: string | null): boolean {
  if (row === undefined || isSettled(row) || !isAlive(row.remote)) return false;
  return row.remote.content?.kind === 'file' && row.remote.content.contentId === contentId;
}
