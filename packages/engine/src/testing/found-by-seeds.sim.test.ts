import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createSimEngine } from './sim-engine.ts';
import { replay } from './simulation.ts';
import type { Script } from './steps.ts';

/** Shrunk scripts of seeds that failed, by what was wrong. Each is a file that `npm run sim -- --replay` takes. */
const FOUND = {
  'parked-and-refused': 'what was parked goes back when its new name is refused, and does not pass for deleted',
  'quiet-edit-moved-along': 'a change under the old size and mtime is not moved along by us and then replaced',
  'quiet-edit-before-other-times':
    'a change under the old size and mtime is not taken for known when we give the file other times',
  'rows-in-a-circle': 'rows seen at different moments that lie in each other do not end the cycle',
  'refused-discard': 'what the disk refused to discard is discarded later',
  'discard-while-the-root-is-away': 'what should have been discarded while the root was away is discarded later',
  'staged-for-a-deleted-node': 'a large file fetched for a node that was deleted meanwhile is given up',
  'large-file-read-beside-a-rename': 'a large file read beside the cycles writes no older row',
  'rename-while-an-edit-is-sent': 'a rename from elsewhere that comes while an edit is sent is not forgotten',
  'emptied-residue': 'a folder that stayed for what it held untracked goes when it is empty',
  'new-file-below-a-folder-moved-here':
    'a file that waits to stand still is not forgotten when its folder is moved by us',
  'root-replaced-while-applying': 'what was made in another folder in the place of the root does not pass for deleted',
  'delete-of-what-was-edited-meanwhile': 'a delete planned before an edit elsewhere was known is not sent after it',
  'node-settled-inside-itself':
    'what a crash left moved into a folder made in its stead is not recorded as inside itself',
  'sent-and-then-deleted': 'a large file that was sent and then deleted does not end every later commit',
  'moved-while-the-root-is-away':
    'what was missing when the root went away is looked for everywhere before it counts as gone',
  'rename-the-disk-would-not-confirm':
    'a new entry is not taken for another one because the disk would not show its old path',
  'two-names-of-one-file-leave': 'two names of one file that other things took at once do not wait for ever',
  'writer-of-a-deleted-file': 'what is written to a file that its own user deleted is owed by nobody',
  'rename-of-one-of-two-names':
    'a new name of a file that has others is a new file, and the old name one that was deleted',
  'old-state-beside-a-replaced-file':
    'what a program writes to a replaced file is kept though the state that knew of it was exchanged for an older one',
  'name-held-by-an-unticked-folder':
    'what comes to a name that an unticked folder still holds waits as that folder does, and keeps nobody busy',
  'old-state-beside-a-file-written-to': 'the same where others had replaced the file before',
  'name-held-by-what-went-into-an-unticked-folder':
    'a new thing under a name whose holder waits in an unticked folder is set aside, and keeps nobody busy',
  'moved-out-of-what-is-ignored':
    'what was deleted behind a rule and moved out of it elsewhere is not looked for at its old place for ever',
  'placed-and-not-recorded': 'what was put in place before a crash is no edit of this device afterwards',
  'placed-and-moved-on': 'the same where the journal has moved it on by then',
  'failed-look-beside-a-missing-file': 'what could not be looked at may be what is missing elsewhere',
  'touched-while-it-was-fetched': 'a file that was touched while it was fetched gets its later time',
  'mode-of-one-of-two-names': 'times and modes that come for one name of a file are not given to its other names',
  'missing-behind-a-rule': 'what was missing in a folder that a rule came over, and that is gone, is not waited for',
  'written-again-within-the-disks-step':
    'a file that has changed for long is not read before the step of its disk is over, in which a write leaves no trace',
  'kept-file-whose-folder-is-gone': 'a replaced file that was written to finds a place when its folder is gone',
  'folder-where-ours-was-to-be': 'nothing is put into a folder that stands where one of ours was to be made',
  'reused-inode-in-one-step': 'an inode used again within a step of its clock does not pass for the file it was',
  'another-name-of-a-replaced-file':
    'what is written to a replaced file that has another name here is the edit of that one alone',
  'ignored-folder-in-the-way': 'what comes under a name that something ignored has here waits, and its owner is told',
  'written-within-the-step-in-which-it-came':
    'what is written to a file within the step of the clock in which it came is seen',
  'rules-that-left-with-their-folder': 'rules that left with their folder hold nothing back any more',
  'rules-file-that-names-everything':
    'a rules file under a rule that folders alone fall under is looked at when it changes',
  'missing-folder-and-what-was-missing-in-it':
    'a folder that is missing together with what was missing in it keeps nobody busy',
  'deleted-folder-that-holds-an-unticked-one':
    'a folder deleted elsewhere that holds one that is not to be here keeps nobody busy',
  'placed-and-moved-before-it-was-recorded':
    'what was put in place before a crash and moved by its user after it is that node, and no second one',
  'placing-undone-by-a-loss-of-power':
    'what a loss of power leaves in staging was never put in place: a file that gets its inode next is not that node moved',
  'hard-link-under-the-name-elsewhere':
    'a hard link made under the name that its file has elsewhere is a file of its own under a conflict name',
  'case-alone-renamed-elsewhere':
    'a rename of case alone that comes to disks without case is not answered with one back',
  'unripe-on-a-folding-disk':
    'a file that waits to stand still on a disk without case, by a clock that was set back, keeps nobody busy',
  'move-undone-by-a-loss-of-power':
    'a move that did not become durable and was undone by a loss of power is no move of a person',
  'times-set-before-a-crash':
    'times that were put on just before a crash do not go back to where they came from, cut off',
  'writer-that-writes-the-same-first':
    'what a program writes to a replaced file is kept though it first wrote what had stood there',
  'case-alone-that-did-not-come-about':
    'a rename of case alone that did not come about is not taken for done because the disk answers to the new name',
  'two-names-of-a-replaced-file-written-to':
    'what is written to a replaced file that has another name here stands there',
  'back-off-under-a-clock-set-back':
    'what waits to be tried again is tried although the clock was set back before a restart',
  'moved-back-while-a-move-was-applied':
    'a move that came from elsewhere before a crash is no move made here, though the journal has taken it back',
  'link-moved-before-it-was-recorded':
    'a link that came and was moved by its user before a crash let it be recorded is that one, and no second',
  'moved-elsewhere-to-behind-a-rule':
    'what was moved elsewhere to behind a rule of this device, into a folder that is not to be here, stays and says why',
  'large-file-whose-commit-passed-for-lost':
    'a large file whose commit passed for lost and came through late is not sent again',
  'waiting-for-rest-while-the-root-comes-back':
    'who waits for rest is not told of a root that was missing before they asked',
  'two-folders-looked-at-of-which-one-was-asked-for':
    'what moved from one of two folders looked at together into the other is not taken out of it again',
  'deleted-elsewhere-and-edited-under-a-name-of-its-own':
    'a file that stands under a name of its own is edited while it is deleted elsewhere for a folder of its name',
  'circle-through-a-folder-that-is-emptied-first':
    'names go round in a circle through a folder that something is moved out of',
  'moved-into-a-new-folder-where-a-file-stood':
    'what was moved into a folder that was made where a file stood is known there, though the root went before it was recorded',
  'lost-and-edited-here': 'of a file that is edited while the server loses what it shares with the edit, all is sent',
  'lost-and-edited-elsewhere': 'what the server has lost is not sent again over what somebody has written since',
  'moved-into-a-folder-that-does-not-open':
    'what was moved into a folder that cannot be listed for a moment was moved, and not deleted and made anew',
  'moved-before-a-crash-to-where-something-was-deleted':
    'what moved here before a crash, to the name of something that was deleted for it, is no new file',
  'ignored-folder-where-a-file-stood':
    'a rule for folders that comes over a folder is none for the file that stood there before',
  'folder-gone-while-what-was-in-it-is-not-taken-yet':
    'what moved out of a folder that is gone, and is not taken yet where it stands, is not fetched meanwhile',
  'missing-in-a-folder-that-another-took-behind-a-rule':
    'what was missing in a folder is waited for no more when another one took its place behind a rule',
  'flushed-after-a-crash': 'what is found in place after a crash, and flushed then, outlives a loss of power',
  'times-that-the-disk-comes-to-show':
    'a disk that shows other times than the journal has, and then those by themselves, has nothing to send',
  'moved-where-no-watcher-told':
    'what an engine misses that no watcher told of is looked for everywhere before it counts as deleted',
  'rules-that-come-and-go': 'rules that are deleted and made anew the same are there',
  'lost-and-renamed-behind-a-rule':
    'what the server has lost is taken from where a rename behind a rule has left it, as another file',
  'lost-and-moved-behind-a-rule':
    'what the server has lost is taken from where a move of its folder behind a rule has left it, as another file',
  'lost-and-in-the-trash':
    'what the server has lost, and came back with a folder that was deleted, is taken from the trash of a device',
  'lost-and-replaced-behind-a-rule':
    'an edit that the server has lost, and that was replaced behind a rule where it was made, is said to be lost by who waits for it',
  'lost-and-deleted-while-moved-elsewhere':
    'a file that the server has lost, and that nobody has when its move wins over its delete, is said to be lost',
  'lost-again-beside-a-backup':
    'a file that was replaced, with a backup beside it, is let go elsewhere though the server has lost it again: the backup is sent',
  'times-in-full-over-times-cut-off':
    'a file with times in full that is moved over the one that came with them cut off is nothing to send',
  'left-its-path-before-a-crash':
    'what lost its path to another kind of thing and was moved is the same after a crash, and not deleted and made anew',
  'link-in-a-new-folder-on-another-disk':
    'a link that comes into a new folder on a disk mounted inside the root is known, and keeps nobody busy',
  'removed-where-it-stayed-for-what-was-new':
    'a folder that was deleted elsewhere, stayed for what was new in it and was then removed keeps nobody busy while it is looked for',
} as const;

test.each(Object.entries(FOUND))('%s: %s', async (name) => {
  const script = JSON.parse(readFileSync(new URL(`found-by-seeds/${name}.json`, import.meta.url), 'utf8')) as Script;
  const options = { createEngine: createSimEngine };
  const outcome = await replay(script, options);
  expect(outcome.violation?.message).toBe(undefined);
  expect((await replay(script, options)).trace).toBe(outcome.trace);
});
