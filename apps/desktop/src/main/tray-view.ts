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
  const state = status?.state ?? 'offline';
  const headline = status === null ? say('state.unknown') : describeState(status, say);
  const folders = status?.folders ?? [];
  return {
    icon: state,
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
      ...(status === null ? [] : [SEPARATOR, pauseItem(status.paused, say, nowMs)]),
      SEPARATOR,
      { kind: 'act', label: say('tray.quit'), does: { act: 'quit' } },
    ],
  };
}

function describeState(status: Status, say: Say): string {
  const { notYetSafe, pending } = status;
  switch (status.state) {
    case 'attention':
      return counted('state.attention', status.attention.length, say);
    case 'paused':
      return say('state.paused');
    case 'offline':
      return notYetSafe === 0 ? say('state.offline') : counted('state.offline', notYetSafe, say);
    case 'syncing':
      if (notYetSafe > 0) return counted('state.syncing', notYetSafe, say);
      return pending > 0 ? counted('state.arriving', pending, say) : say('state.syncing');
    case 'idle':
      return say('state.idle');
  }
}

function counted(
  key: 'state.attention' | 'state.offline' | 'state.syncing' | 'state.arriving',
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
