import { ERROR_REACTIONS, type ErrorCode } from '@onefold/protocol';

/**
 * What an error means for a file, in words for people: the one place for it. docs/OPERATIONS.md has the same as a table, with what the engine
 * does; a test compares the two.
 */
const MEANINGS: Partial<Record<ErrorCode, string>> = {
  'disk-full': 'this disk is full: the version here stays as it is, and the new one is fetched when there is room',
  'disk-error': 'this disk answers with an error: nothing was changed, and it is tried again; look after the disk',
  'access-denied':
    'this device may not read or write it: it stays as it is here and elsewhere until the permissions change',
  'file-busy': 'another program holds it: it is tried again, and others go on meanwhile',
  'too-many-open-files': 'too many files are open on this machine: it is tried again',
  'read-only': 'the disk may not be written to: what is here stays, and what changed elsewhere cannot arrive',
  'name-too-long':
    'its name, or the whole path to it, is too long for this disk: from elsewhere it cannot arrive here, and from here it is not sent',
  'name-illegal': 'its name cannot stand on this disk: it stands elsewhere and on the server, but not here',
  'mount-point':
    'a disk is mounted on it, so that it cannot be renamed or moved as it was elsewhere: what is in it stays in step; unmount the disk, and mount it where the folder is then',
  'other-disk':
    'it was moved to another disk that is mounted here, and whole folders are not carried from disk to disk: it stays where it was; move it here by hand, and it is in step',
  'case-twin':
    'this disk cannot hold it beside one whose name differs only in case: it stands elsewhere and on the server',
  'ignored-in-the-way':
    'something that a rule leaves out has its name here: it stands elsewhere and on the server; rename that one, or change the rule',
  'special-file': 'a socket, a pipe or a device is never synced',
  'file-changed': 'it changed while it was read: it is sent when it stands still',
  'precondition-failed': 'it is not what it was a moment ago: it is looked at again first',
  'block-corrupt': 'its bytes did not arrive as they were sent, and are not used: the version here stays',
  'blocks-missing': 'the server does not hold all of it: the version here stays, and it is tried again',
  'content-lost':
    'the server has lost this version of it, and no copy of it is here: any device that has one sends it again by itself; if none has, what is changed in it here, or an older version put back, goes in its place',
  'quota-exceeded':
    'it does not fit on the server any more: it stands only here, while deletes, moves and what fits go on',
  'nested-too-deep':
    'it lies in more folders within each other than the server looks through: it stands only here; move one of them further up',
  'change-refused':
    'the server does not take this change as this device says it: it stands only here, and is tried again; an update of either may help',
  'server-full': 'the server has no room: it stands only here, and is sent when there is',
  'node-quarantined': 'a member wrote something here that cannot be opened; what is on this disk stays as it is',
  'mass-change': 'it is one of many that were deleted or rewritten: confirm or reject that first',
  'volume-missing': 'another disk stands here than before, or none: nothing in it counts as deleted',
  'root-missing': 'the folder is not where it was: nothing in it counts as deleted; put it back, or say where it is',
  'root-replaced':
    'another folder stands where it was: nothing in it counts as deleted; put the old one back, or say which one is meant',
  'server-restored': 'the server was restored from a backup: confirm that, and what it lost is sent again',
};

/** Codes that a disk can answer a change with: each has a reaction and a meaning. */
export const DISK_CODES = [
  'disk-full',
  'disk-error',
  'access-denied',
  'file-busy',
  'too-many-open-files',
  'read-only',
  'name-too-long',
  'name-illegal',
  'other-disk',
  'mount-point',
] as const satisfies readonly ErrorCode[];

/** What the error means for the file it befell. */
export function meaningOf(code: ErrorCode): string {
  return (
    MEANINGS[code] ??
    (ERROR_REACTIONS[code] === 'security' ? 'someone lied, and nothing of it was believed' : 'it could not be synced')
  );
}
