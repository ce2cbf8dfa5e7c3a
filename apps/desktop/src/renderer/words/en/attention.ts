/** What needs a person. `_one` and `_other` are plural forms of one key. */
export const attention = {
  attention: {
    title: 'Needs you',
    massDeletes_one: '{{count, number}} file was deleted {{where}}.',
    massDeletes_other: '{{count, number}} files were deleted {{where}} within a few minutes.',
    massRewrites_one: '{{count, number}} file was rewritten {{where}}.',
    massRewrites_other: '{{count, number}} files were rewritten {{where}} within a few minutes.',
    massBoth:
      '{{deletes, number}} files were deleted and {{rewrites, number}} rewritten {{where}} within a few minutes.',
    massHere: 'on this device',
    massElsewhere: 'on another device',
    massHeldUp: 'Held back: your other devices still have them as they were.',
    massHeldDown: 'Held back: this device still has them as they were.',
    confirmDeletes: 'Delete them everywhere',
    confirmRewrites: 'Keep the new content',
    confirmBoth: 'Let it through',
    decide: 'Decide',
    leave: 'Sign out here',
    goOn: 'Go on with it',
    locate: 'Find the folder',
    locateLabel: 'Where the folder is now',
    locateHere: 'It is here',
    reject: 'Bring them back',
    confirmSure: 'Sure? Choose again to go on',
    codes: {
      'conflict-copy': 'Changed on two devices. Both are kept.',
      'mass-change': 'Many files changed at once. They are held back until you decide.',
      'never-downloaded': 'Deleted elsewhere, but never downloaded here. It is still on the server.',
      'access-denied': 'Onefold may not read or write this. Give your user access to it.',
      'read-only': 'This place can only be read. Changes from elsewhere wait.',
      'name-too-long':
        'The name, or the whole path, is too long for this disk. Shorten it, or the name of a folder above it.',
      'name-illegal': 'The name is not possible on this disk. Rename it on another device.',
      'other-disk':
        'Moved elsewhere to another disk that is mounted here. Folders are not carried from disk to disk: move it here yourself.',
      'mount-point':
        'A disk is mounted on this folder. It was renamed or moved elsewhere, and cannot follow while the disk is there; what is in it stays in step. Unmount the disk, and mount it where the folder is then.',
      'special-file': 'Not a file, a folder or a link, so it stays on this device only.',
      'case-twin':
        'This disk cannot tell it from a name that differs only in upper and lower case. Rename one of the two.',
      'ignored-in-the-way':
        'Something that an ignore rule leaves out has its name here. Rename that one, or change the rule.',
      'file-busy': 'Another program holds it. It follows as soon as that program lets go.',
      'disk-full': 'The disk is full. Make room, and it goes on by itself.',
      'disk-error': 'The disk reported an error. Check the disk; the copy on the server is intact.',
      'watch-limit':
        'The system watches no more folders, so some changes here are found only by looking around every hour. Nothing is lost. “Diagnostics” in the settings says what to raise.',
      'root-missing':
        'The folder is not where it was. Nothing is deleted anywhere. Put it back, or say where it is now.',
      'root-replaced':
        'Another folder stands in its place. Nothing is deleted anywhere. Put the old one back, or say which one is meant.',
      'volume-missing': 'Its disk is not connected. Nothing is deleted anywhere. Connect it again.',
      'quota-exceeded': 'Your storage is full, so this is not yet safe. Free some space or ask for more.',
      'server-full': 'The server’s disk is full, so this is not yet safe. Whoever runs the server has to make room.',
      'nested-too-deep':
        'It lies in more folders within each other than the server looks through, so this is not yet safe. Move one of those folders further up.',
      'change-refused':
        'The server does not take this change, so it is not yet safe. Everything else goes on. Update Onefold here and on the server, or tell whoever runs it.',
      'content-lost':
        'The server has lost this version, and this device has no copy of it. A device that still has one sends it again by itself. If none has, go on with the file that stands here, or put an older one back under “Versions”: that goes in its place, and should the lost one turn up after all, it is kept beside it.',
      'server-restored':
        'The server went back to an older state, as when a backup is put back. Nothing is sent until you say that this was meant. Then what it lost is sent again from here; nothing is deleted for it.',
      'key-missing': 'The key for this has not arrived yet. Keep another of your devices online.',
      'node-quarantined': 'This cannot be opened with your keys. It is left alone; everything else goes on.',
      'device-cloned':
        'This device exists twice, perhaps after copying or restoring its system. Sign in anew on one of the two.',
      'state-corrupt':
        'Onefold’s own notes on this device are damaged and are being made anew. Your files are not touched.',
      'login-failed': 'The server does not accept this device any more. Sign in again.',
      'device-revoked':
        'This device was removed from your account. Its files stay as they are; nothing is kept in step here any more.',
      'account-deleted':
        'The account was deleted, on another device of yours. The files here stay as they are; nothing is kept in step any more.',
      security:
        'What the server sent does not bear the right signature. None of it was used. Tell whoever runs the server.',
    },
    codesRest: 'Look at it with “onefold doctor”.',
  },
} as const;
