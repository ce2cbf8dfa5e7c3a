import { isAllPaused } from '@onefold/control';
import type { Status } from '@onefold/control';
import type { MarkState } from '../parts/mark.tsx';
import type { Model } from './model.ts';

/** The one sentence and the quieter one below it, without their words: keys of the words and what goes into them. */
export interface Truth {
  readonly key: TruthKey;
  readonly count: number;
  readonly secondsLeft: number | null;
  readonly detail: Detail | null;
  readonly mark: MarkState;
}

type TruthKey =
  | 'truth.connecting'
  | 'truth.lost'
  | 'truth.noFolder'
  | 'truth.safe'
  | 'truth.checking'
  | 'truth.sending'
  | 'truth.sendingLeft'
  | 'truth.arriving'
  | 'truth.arrivingLeft'
  | 'truth.offline'
  | 'truth.offlineWaiting'
  | 'truth.paused'
  | 'truth.pausedWaiting'
  | 'truth.pausedSome'
  | 'truth.attention';

type Detail =
  | { readonly key: 'detail.connecting' | 'detail.lost' | 'detail.noFolder' | 'detail.offline' | 'detail.paused' }
  | { readonly key: 'detail.heldSchedule' | 'detail.heldMetered' }
  | { readonly key: 'detail.offlineBecause'; readonly cause: OfflineCause }
  | { readonly key: 'detail.attentionSafe' }
  | { readonly key: 'detail.attentionWaiting'; readonly count: number }
  | { readonly key: 'detail.kept'; readonly files: number; readonly folders: number };

/** Why the server cannot be used, where that is more than that it does not answer. Codes of ERROR_REACTIONS. */
export const OFFLINE_CAUSES = ['captive-portal', 'certificate-untrusted', 'protocol-mismatch'] as const;
export type OfflineCause = (typeof OFFLINE_CAUSES)[number];

/**
 * Says nothing that is not known: "safe" only when the daemon said idle and the line to it is open, and nothing waits.
 * @returns a pure function of what the page knows
 */
export function tellTruth(model: Pick<Model, 'line' | 'status'>): Truth {
  const { line, status } = model;
  if (line === 'lost') return plain('truth.lost', { key: 'detail.lost' }, 'offline');
  if (line === 'connecting' || status === null) return plain('truth.connecting', { key: 'detail.connecting' }, 'plain');
  const { notYetSafe, pending } = status;
  switch (status.state) {
    case 'attention':
      return {
        key: 'truth.attention',
        count: status.attention.length,
        secondsLeft: null,
        detail: attentionDetail(status),
        mark: 'attention',
      };
    case 'paused':
      return waiting('truth.paused', 'truth.pausedWaiting', notYetSafe, pausedDetail(status), 'paused');
    case 'offline':
      return waiting('truth.offline', 'truth.offlineWaiting', notYetSafe, offlineDetail(status), 'offline');
    case 'syncing':
      return moving(status);
    case 'idle':
      if (status.folders.length === 0) return plain('truth.noFolder', { key: 'detail.noFolder' }, 'plain');
      if (notYetSafe > 0 || pending > 0) return moving(status);
      return atRest(status);
  }
}

/** Nobody looks into a paused folder, so nobody knows whether it is safe. */
function atRest(status: Status): Truth {
  const count = status.folders.filter(({ paused }) => paused).length;
  if (count === 0) return plain('truth.safe', kept(status), 'idle');
  return { key: 'truth.pausedSome', count, secondsLeft: null, detail: kept(status), mark: 'paused' };
}

function moving(status: Status): Truth {
  const { notYetSafe, pending } = status;
  const secondsLeft = status.progress?.secondsLeft ?? null;
  const rest = { secondsLeft, detail: kept(status), mark: 'syncing' } as const;
  if (notYetSafe > 0) {
    return { key: secondsLeft === null ? 'truth.sending' : 'truth.sendingLeft', count: notYetSafe, ...rest };
  }
  if (pending > 0) {
    return { key: secondsLeft === null ? 'truth.arriving' : 'truth.arrivingLeft', count: pending, ...rest };
  }
  return { key: 'truth.checking', count: 0, ...rest };
}

function waiting(clean: TruthKey, dirty: TruthKey, count: number, detail: Detail, mark: MarkState): Truth {
  return { key: count === 0 ? clean : dirty, count, secondsLeft: null, detail, mark };
}

function plain(key: TruthKey, detail: Detail | null, mark: MarkState): Truth {
  return { key, count: 0, secondsLeft: null, detail, mark };
}

function kept(status: Status): Detail | null {
  if (status.folders.length === 0) return null;
  const files = status.folders.reduce((sum, folder) => sum + folder.files, 0);
  return { key: 'detail.kept', files, folders: status.folders.length };
}

function attentionDetail(status: Status): Detail | null {
  if (status.notYetSafe > 0) return { key: 'detail.attentionWaiting', count: status.notYetSafe };
  return status.pending === 0 && status.server.connected ? { key: 'detail.attentionSafe' } : null;
}

/** What a rule keeps still nobody can resume: it ends by itself, or where the rule is changed. */
export function isHeldByRule(status: Status): boolean {
  return status.heldBy !== undefined && !isAllPaused(status);
}

function pausedDetail(status: Status): Detail {
  if (!isHeldByRule(status)) return { key: 'detail.paused' };
  return { key: status.heldBy === 'metered' ? 'detail.heldMetered' : 'detail.heldSchedule' };
}

function offlineDetail({ server }: Status): Detail {
  const cause = OFFLINE_CAUSES.find((code) => code === server.offlineBecause);
  return cause === undefined ? { key: 'detail.offline' } : { key: 'detail.offlineBecause', cause };
}
