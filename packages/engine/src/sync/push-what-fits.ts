import { toOnefoldError, type NodeId } from '@onefold/protocol';
import { commitDraft, type CommitOutcome } from './commit.ts';
import { isLargeUnit, prepareDraft } from './draft.ts';
import { fail } from './fail.ts';
import { isNoRoom } from './no-room.ts';
import { parkRefused } from './refused-entry.ts';
import type { Session } from './session.ts';
import type { Unit } from './travelling.ts';

/*
 * The server has no room for all of it. Deletes, moves and times need none and go first; of the contents the small ones go as far as they
 * fit, and each that does not is parked, so that neither it nor the others are tried for nothing.
 */

export interface FitResult {
  readonly committed: number;
  /** Somebody was faster: the trees are fresh, plan again. */
  readonly isLost: boolean;
}

/** `load` reads the units of these nodes anew, as they are after what was committed before. Throws what no lack of room explains. */
export async function pushWhatFits(
  session: Session,
  units: readonly Unit[],
  load: (nodes: ReadonlySet<NodeId>) => Promise<readonly Unit[]>,
): Promise<FitResult> {
  let committed = 0;
  const lean = units.map(withoutContent).filter((unit) => unit !== null);
  if (lean.length > 0) {
    const outcome = await send(session, lean);
    if (outcome.outcome === 'lost') return { committed, isLost: true };
    if (outcome.outcome === 'committed') committed++;
  }
  const heavy = new Set(units.filter(({ operation }) => operation.content).map(({ row }) => row.node));
  const contents = (await load(heavy)).filter((unit) => !isLargeUnit(session, unit));
  const waiting = [[...contents].sort((a, b) => sizeOf(a) - sizeOf(b))];
  let tooMuch = Infinity;
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const fitting = part.filter((unit) => sizeOf(unit) < tooMuch);
    for (const unit of part) if (sizeOf(unit) >= tooMuch) await park(session, unit);
    if (fitting.length === 0) continue;
    try {
      const outcome = await send(session, fitting);
      if (outcome.outcome === 'lost') return { committed, isLost: true };
      if (outcome.outcome === 'committed') committed++;
    } catch (thrown) {
      if (!isNoRoom(toOnefoldError(thrown).code)) throw thrown;
      if (fitting.length === 1) {
        tooMuch = sizeOf(fitting[0]!);
        await park(session, fitting[0]!);
      } else {
        const middle = fitting.length >> 1;
        // The smaller half comes first.
        waiting.push(fitting.slice(middle), fitting.slice(0, middle));
      }
    }
  }
  return { committed, isLost: false };
}

async function send(session: Session, units: readonly Unit[]): Promise<CommitOutcome> {
  const draft = await prepareDraft(session, units);
  if (!('refused' in draft)) return commitDraft(session, draft);
  await parkRefused(session, units, draft.refused);
  return { outcome: 'empty' };
}

/** What of it needs no room; null when nothing does. A new file cannot come without its bytes. */
function withoutContent(unit: Unit): Unit | null {
  const { operation, row } = unit;
  if (!operation.content || row.local?.kind === 'link') return unit;
  if (operation.place === 'create' || (operation.place === null && !operation.attributes)) return null;
  return { ...unit, operation: { ...operation, content: false } };
}

function sizeOf({ row }: Unit): number {
  return row.local?.kind === 'file' ? row.local.stat.sizeBytes : 0;
}

async function park(session: Session, { row, path }: Unit): Promise<void> {
  await fail(session, row, path, 'up', 'quota-exceeded');
}
