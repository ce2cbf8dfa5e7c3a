/** What diagnostics finds, by the sentences of the control surface. */
export const checks = {
  checks: {
    found: {
      'account-none': 'This device is in no account yet.',
      'daemon-missing': 'No daemon runs: nothing is kept in step.',
      version: 'The daemon is version {{daemon}}.',
      'keys-sealed': 'The keys of this device are sealed, and were not opened.',
      'keys-unusable': 'The keys of this device cannot be used.',
      'server-answers': 'The server at {{address}} answers.',
      'server-unusable': 'The server at {{address}} cannot be used.',
      'clock-unknown': 'The clock was not compared: the server has not answered yet.',
      'clock-close': 'The clock is right: {{seconds, number}} s from the server’s.',
      'clock-off': 'The clock is {{seconds, number}} s from the server’s.',
      'home-writable': 'What Onefold keeps for itself can be written.',
      'home-read-only': 'What Onefold keeps for itself cannot be written: {{folder}}.',
      'watches-unlimited': 'This system does not limit how many folders are watched.',
      'watches-enough': '{{folders, number}} folders of at most {{limit, number}} are watched.',
      'watches-short':
        '{{folders, number}} folders are to be watched, and the system watches no more: {{limit, number}} in all, for all programs.',
      'folder-there': '{{folder}} is there.',
      'folder-missing': '{{folder}} is not there, or is not the folder that was kept. It is not kept in step.',
      'folder-problem': '{{folder}} is not kept in step now.',
      'folder-writable': '{{folder}} can be written.',
      'folder-read-only': '{{folder}} cannot be written.',
      'space-enough': '{{free}} are free where {{folder}} is.',
      'space-low': 'Only {{free}} are free where {{folder}} is.',
      'files-low': 'Files that still have room where {{folder}} is, however small: {{files, number}}.',
      'space-unknown': 'How much is free where {{folder}} is cannot be told.',
      'case-folds':
        '{{folder}} is on a disk that takes “a” and “A” for one name. Of two such names one is shown under a likeness.',
      'network-volume':
        '{{folder}} is on a network drive, where nothing tells of changes. It is looked through instead.',
    },
    advice: {
      'clock-off': 'Set the clock of this computer, or let the network set it.',
      'home-read-only': 'Give yourself write access to it.',
      'watches-short':
        'Raise fs.inotify.max_user_watches and max_user_instances, and start Onefold again. Until then some changes are found only by looking around every hour.',
      'folder-missing': 'Bring it back, or say where it is now.',
      'folder-read-only': 'Give yourself write access to it.',
      'space-low': 'Make room on this disk.',
      'files-low': 'Remove files there. The disk holds a fixed number of them.',
      'keys-sealed': 'Open the desktop app, or switch the sealing off in its settings.',
      'keys-unusable': 'Sign out, then log in again. The files stay.',
      other: 'Home says what can be done.',
    },
    server: {
      'captive-portal': 'Open a page in a browser and sign in to this network.',
      'certificate-untrusted':
        'Check the clock. For a server of your own organisation, name its authority in the settings of the network.',
      'protocol-mismatch': 'Update the one of the two that is older.',
      'device-revoked': 'This device was removed from the account. Its files stay. Sign out, then log in again.',
      'account-deleted': 'The account was deleted. Its files stay. Sign out to begin anew.',
      unreached: 'Check the network, and that the server runs.',
    },
  },
} as const;
