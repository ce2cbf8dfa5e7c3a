/** The account: who this is, what lets one in, and the way out. */
export const account = {
  account: {
    title: 'Account',
    detail: 'Who you are to the server, and what lets you in on a new device.',
    who: 'You',
    name: 'Name',
    nameHint: 'The server knows it. May be empty.',
    picture: 'Choose a picture',
    noPicture: 'Remove the picture',
    pictureWrong: 'This is no picture that can be shown. Choose another file.',
    profileSaved: 'Saved.',
    email: 'E-mail address',
    server: 'Server',
    id: 'Account',
    moveOpen: 'It has another address…',
    moveTitle: 'Where is the server now?',
    moveWhat:
      'For a server, or the computer it runs on, that got another address. It is only taken if your account is there. Say it on each of your devices.',
    moveAddress: 'New address of the server',
    moveNotThere: 'A server answers there, but your account is not on it.',
    moveInvalid: 'That is no address of a server.',
    move: 'Use this address',
    moved: 'This device finds the server there from now on.',
    password: 'Password and Emergency Kit',
    passwordWhat:
      'A new password comes with a new Emergency Kit. Your devices stay signed in; the recovery phrase stays the same.',
    change: 'Change the password',
    changeTitle: 'A new password',
    changeWhat: 'Keep the old kit until the new password is in force. You are told when it is.',
    changed: 'The new password is in force. The old kit is void.',
    signOut: 'Sign out',
    signOutWhat: 'Takes the keys of your account off this device. Your folders and everything in them stay.',
    signOutHere: 'Sign out of this device',
    signOutTitle: 'Sign out of this device?',
    signOutFolders: 'The folders here are no longer kept in step. No file is deleted, here or elsewhere.',
    signOutUnsafe_one: '{{count, number}} change here is not yet safe. It stays on this disk alone.',
    signOutUnsafe_other: '{{count, number}} changes here are not yet safe. They stay on this disk alone.',
    signOutBack:
      'To come back you need your password and the Emergency Kit, or another device of yours. Without either, nobody can open your files any more.',
    delete: 'Delete the account',
    deleteWhat: 'Takes everything of yours off the server, for good. The files in the folders of your devices stay.',
    deleteOpen: 'Delete the account…',
    deleteTitle: 'Delete the account?',
    deleteStays: 'Every file in the folders of your devices stays where it is. Nothing is kept in step any more.',
    deleteServer:
      'On the server everything goes: your files, their older versions, the trash, your devices, your name and picture.',
    deleteLost:
      'What is on none of your devices is lost: older versions, deleted files, and folders that you keep on no device.',
    deleteFinal: 'Nobody can bring it back, not even whoever runs the server. Your e-mail address is free again.',
    deleteComing_one:
      '{{count, number}} file has not arrived on this device yet. Wait for it, unless another device has it.',
    deleteComing_other:
      '{{count, number}} files have not arrived on this device yet. Wait for them, unless another device has them.',
    deleteKeyHint:
      'From your Emergency Kit. If you no longer have it, change the password first: that makes a new one.',
    deleteEmail: 'Your e-mail address, so that it is not done by mistake',
    deleteEmailHint: 'Type {{email}}',
    deleteNow: 'Delete for good',
    deleteInvalid: 'Something is mistyped. Compare the Secret Key with your Emergency Kit, letter by letter.',
    deleted: 'The account is deleted. Your files are where they were.',
  },
} as const;
