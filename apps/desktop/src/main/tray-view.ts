import { isAllPaused } from '@onefold/control';
import type { Status, SyncState } from '@onefold/control';
import type { Say } from './words/say.ts';
import type { WordKey } from './words/en.ts';

/** What a person asks for by the tray. */
export type TrayAct =
  | { readonly act: 'open' | 'resume' | 'quit' }
  | { readonly act: 'pause'; readonly untilMs: number | null }
  | { readonly act: 'open-folder'; readonly folder: string }
  | { readonly act: 'show-file'; readonly folder: string; readonly path: string };

export type TrayItem =
  | { readonly kind: 'separator' }
  | { readonly kind: 'text'; readonly label: string }
  | { readonly kind: 'act'; readonly label: string; readonly does: TrayAct }
  | { readonly kind: 'menu'; readonly label: string; readonly items: readonly TrayItem[] };

export interface RecentFile {
  readonly folder: string;
  readonly path: string;
}

export interface TrayView {
  readonly icon: SyncState;
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
}

const RECENT_SHOWN = 8;
const HOUR_MS = 3_600_000;
const SEPARATOR: TrayItem = { kind: 'separator' };

/** The tray as a pure function of what is known. A status of null is an engine that does not answer (yet): never shown as safe. */
export function trayView(status: Status | null, recent: readonly RecentFile[], say: Say, nowMs: number): TrayView {
  const { icon, headline } =
    status === null ? { icon: 'offline' as const, headline: say('state.unknown') } : describeState(status, say);
  const folders = status?.folders ?? [];
  return {
    icon,
    tooltip: `Onefold: ${headline}`,
    items: [
      { kind: 'text', label: headline },
      SEPARATOR,
      { kind: 'act', label: say('tray.open'), does: { act: 'open' } },
      ...folderItems(
        folders.map(({ path }) => path),
        say,
      ),
      { kind: 'menu', label: say('tray.recent'), items: recentItems(recent, say) },
      ...(status === null ? [] : [SEPARATOR, pauseItem(isAllPaused(status), say, nowMs)]),
      SEPARATOR,
      { kind: 'act', label: say('tray.quit'), does: { act: 'quit' } },
    ],
  };
}

interface Headline {
  readonly icon: SyncState;
  readonly headline: string;
}

/** What the page says in one sentence, in fewer words. */
function describeState(status: Status, say: Say): Headline {
  const { state, notYetSafe } = status;
  switch (state) {
    case 'attention':
      return { icon: state, headline: counted('state.attention', status.attention.length, say) };
    case 'paused':
      return { icon: state, headline: say('state.paused') };
    case 'offline':
      return {
        icon: state,
        headline: notYetSafe === 0 ? say('state.offline') : counted('state.offline', notYetSafe, say),
      };
    case 'syncing':
      return describeMoving(status, say);
    case 'idle':
      return describeRest(status, say);
  }
}

function describeMoving({ notYetSafe, pending }: Status, say: Say): Headline {
  const icon = 'syncing';
  if (notYetSafe > 0) return { icon, headline: counted('state.syncing', notYetSafe, say) };
  return { icon, headline: pending > 0 ? counted('state.arriving', pending, say) : say('state.syncing') };
}

/** Safe only where all of it is: nobody looks into a paused folder, and without a folder nothing is kept. */
function describeRest(status: Status, say: Say): Headline {
  const { folders, notYetSafe, pending } = status;
  if (notYetSafe > 0 || pending > 0) return describeMoving(status, say);
  if (folders.length === 0) return { icon: 'offline', headline: say('state.noFolder') };
  const paused = folders.filter((folder) => folder.paused).length;
  if (paused > 0) return { icon: 'paused', headline: counted('state.pausedSome', paused, say) };
  return { icon: 'idle', headline: say('state.idle') };
}

function counted(
  key: 'state.attention' | 'state.offline' | 'state.syncing' | 'state.arriving' | 'state.pausedSome',
  count: number,
  say: Say,
) {
  return say(`${key}.${count === 1 ? 'one' : 'many'}` satisfies WordKey, { count });
}

function folderItems(folders: readonly string[], say: Say): TrayItem[] {
  const act = (folder: string, label: string): TrayItem => ({
    kind: 'act',
    label,
    does: { act: 'open-folder', folder },
  });
  if (folders.length === 1) return [act(folders[0]!, say('tray.folder'))];
  if (folders.length === 0) return [];
  return [{ kind: 'menu', label: say('tray.folder'), items: folders.map((folder) => act(folder, folder)) }];
}

function recentItems(recent: readonly RecentFile[], say: Say): TrayItem[] {
  if (recent.length === 0) return [{ kind: 'text', label: say('tray.noRecent') }];
  return recent.slice(0, RECENT_SHOWN).map(({ folder, path }): TrayItem => ({
    kind: 'act',
    label: path.slice(path.lastIndexOf('/') + 1),
    does: { act: 'show-file', folder, path },
  }));
}

function pauseItem(isPaused: boolean, say: Say, nowMs: number): TrayItem {
  if (isPaused) return { kind: 'act', label: say('tray.resume'), does: { act: 'resume' } };
  const pause = (key: WordKey, untilMs: number | null): TrayItem => ({
    kind: 'act',
    label: say(key),
    does: { act: 'pause', untilMs },
  });
  return {
    kind: 'menu',
    label: say('tray.pause'),
    items: [
      pause('tray.pauseHour', nowMs + HOUR_MS),
      pause('tray.pauseTomorrow', startOfTomorrow(nowMs)),
      pause('tray.pauseOpen', null),
    ],
  };
}

/** The next midnight by the local calendar, whatever the length of today. */
function startOfTomorrow(nowMs: number): number {
  const day = new Date(nowMs);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime();
}
