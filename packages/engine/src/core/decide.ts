import { isOverlooked } from './overlook.ts';
import { isAlive, isUnseen, sameAttributes, sameContent, samePlace, shownAttributes } from './settled.ts';
import type { AttributesValue, LocalState, NodeRow, RemoteState, SyncedState } from './tree.ts';

/*
 * What one row asks for, looked at alone: the policy table, register by register, before names and parents come into it.
 *
 * fate      none         nothing stands or is to stand here, or the row is at rest
 *           drop         gone on both sides: forget what was synced
 *           create-up    only here                     create-down  only there (or deleted here and changed there)
 *           delete-up    deleted here, same there      delete-down  deleted there, same here
 *           restore-up   deleted there, changed here   both         on both sides: the registers tell
 *           look         cannot be said before the bytes here are identified
 *           withdraw     not to be on this device, and a version holds it   held     not to be here, and none does
 *           one-way      never of a row alone: held back in a folder that goes one way, see one-way.ts
 */
export type Fate =
  | 'none'
  | 'drop'
  | 'create-up'
  | 'create-down'
  | 'delete-up'
  | 'delete-down'
  | 'restore-up'
  | 'both'
  | 'look'
  | 'withdraw'
  | 'held'
  | 'one-way';

export interface Registers {
  readonly place: 'same' | 'up' | 'down';
  /** `up` with unidentified bytes means: read them, then see. `look` means that both sides may differ: identify first. */
  readonly content: 'same' | 'up' | 'down' | 'conflict' | 'look';
  readonly attributes: 'same' | 'up' | 'down';
}

export interface Decision extends Registers {
  readonly fate: Fate;
}

const AT_REST: Registers = { place: 'same', content: 'same', attributes: 'same' };

function plain(fate: Fate): Decision {
  return { fate, ...AT_REST };
}

/** `row` is as `agreed` leaves it: what is equal on both sides is already synced. */
export function decide(row: NodeRow): Decision {
  const { local, remote, synced } = row;
  if (remote !== null && (remote.quarantined || remote.kind === 'mount')) return plain('none');
  if (remote?.unticked === true) return plain(decideUnticked(local, remote, synced));
  if (local === null) return plain(decideAbsent(remote, synced));
  if (remote === null) return plain('create-up');
  if (!isAlive(remote)) return plain(decideDeletedThere(local, remote, synced));
  if (synced === null) return decideUnsynced(local, remote);
  return { fate: 'both', ...decideRegisters(local, remote, synced) };
}

/** Nothing here is ever said to the journal: what the disk lacks is forgotten, and only what both sides once held leaves it. */
function decideUnticked(local: LocalState | null, remote: RemoteState, synced: SyncedState | null): Fate {
  if (local === null) return synced === null ? 'none' : 'drop';
  if (synced === null) return local.kind === 'folder' ? 'none' : 'held';
  if (!samePlace(local, synced)) return 'held';
  if (local.kind === 'folder') return 'withdraw';
  if (local.content === null) return 'look';
  return sameContent(local.content, synced.content) && !isUnseen(remote, synced) ? 'withdraw' : 'held';
}

function decideAbsent(remote: RemoteState | null, synced: SyncedState | null): Fate {
  if (!isAlive(remote)) return synced === null ? 'none' : 'drop';
  if (synced === null) return 'create-down';
  // An edit or a move wins over a delete; times and modes alone do not.
  const isContentNews = !isOverlooked({ remote, synced }) && !sameContent(remote.content, synced.content);
  const isChangedThere = !samePlace(remote, synced) || isContentNews;
  return isChangedThere ? 'create-down' : 'delete-up';
}

function decideDeletedThere(local: LocalState, remote: RemoteState, synced: SyncedState | null): Fate {
  // A folder nobody synced since its deletion is a residue: it only holds what is untracked.
  if (synced === null) return local.kind === 'folder' ? 'none' : 'restore-up';
  if (!samePlace(local, synced)) return 'restore-up';
  if (local.kind === 'folder') return 'delete-down';
  if (isUnseen(remote, synced)) return 'restore-up';
  if (local.content === null) return 'look';
  return sameContent(local.content, synced.content) ? 'delete-down' : 'restore-up';
}

function decideUnsynced(local: LocalState, remote: RemoteState): Decision {
  const shown = shownAttributes(local.stat);
  const attributes = remote.attributes === null || sameAttributes(shown, remote.attributes) ? 'same' : 'down';
  const place = samePlace(local, remote) ? 'same' : 'down';
  if (local.kind === 'folder') return { fate: 'both', place, content: 'same', attributes };
  if (local.content === null) return { fate: 'both', place, content: 'look', attributes: 'same' };
  const isEqual = sameContent(local.content, remote.content);
  return { fate: 'both', place, content: isEqual ? 'same' : 'conflict', attributes: isEqual ? attributes : 'same' };
}

function decideRegisters(local: LocalState, remote: RemoteState, synced: SyncedState): Registers {
  const content = decideContent(local, remote, synced);
  return {
    place: decidePlace(local, remote, synced),
    content,
    attributes: decideAttributes(local, remote, synced, content),
  };
}

function decidePlace(local: LocalState, remote: RemoteState, synced: SyncedState): Registers['place'] {
  if (samePlace(local, remote)) return 'same';
  // Moved on both sides: the server's order wins, the move here is taken back.
  return samePlace(remote, synced) ? 'up' : 'down';
}

function decideContent(local: LocalState, remote: RemoteState, synced: SyncedState): Registers['content'] {
  if (local.kind === 'folder') return 'same';
  const isChangedThere =
    remote.contentVersion !== synced.contentVersion && !sameContent(remote.content, synced.content);
  if (local.content === null) return isChangedThere ? 'look' : 'up';
  if (sameContent(local.content, remote.content)) return 'same';
  if (!isChangedThere) return 'up';
  // What only stands here is as good as an edit made here.
  return sameContent(local.content, synced.content) && !isUnseen(remote, synced) ? 'down' : 'conflict';
}

function decideAttributes(
  local: LocalState,
  remote: RemoteState,
  synced: SyncedState,
  content: Registers['content'],
): Registers['attributes'] {
  const isChangedHere = !sameAttributes(shownAttributes(local.stat), synced.shown);
  const isChangedThere = remote.attributesVersion !== synced.attributesVersion && remote.attributes !== null;
  // Content that comes down brings its attributes along.
  if (content === 'down' || content === 'conflict' || content === 'look') return 'same';
  if (isChangedHere && (content === 'up' || !isChangedThere)) return 'up';
  return isChangedThere ? 'down' : 'same';
}

/**
 * Attributes to commit for what this disk shows: fields the user changed since they were synced, and for the rest what the journal says,
 * which this disk may not be able to hold.
 */
export function attributesToSend(local: LocalState, synced: SyncedState | null): AttributesValue | null {
  const shown = shownAttributes(local.stat);
  if (shown === null || synced?.attributes == null || synced.shown === null) return shown;
  return {
    mtimeNs: shown.mtimeNs === synced.shown.mtimeNs ? synced.attributes.mtimeNs : shown.mtimeNs,
    mode: shown.mode === synced.shown.mode ? synced.attributes.mode : shown.mode,
  };
}
