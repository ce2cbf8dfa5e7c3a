/** Taking another device into the account. */
export const linking = {
  linking: {
    title: 'Link a device',
    how: 'On the new device, open Onefold and choose “Use words from another device”, or run onefold link. Then type these eight words there, or give it the text of this code.',
    qr: 'QR code with the server’s address and the eight words',
    words: 'Eight words',
    secret: 'Good once, for five minutes. Keep them to yourself.',
    asking: '{{name}} wants to join. Does it show these four words?',
    checkWords: 'Check words',
    compare: 'If it shows others, somebody stands between your devices. Then do not let it in.',
    approve: 'They match, let it in',
    deny: 'Turn it down',
    adding: 'Adding {{name}}.',
    added: '{{name}} is in your account. Choose a folder on it, and it fills with your files.',
    denied: 'The device was turned down. It has learned nothing.',
    timeUp: 'No device came in time, or it went away. Nothing has changed.',
    failed: 'What came was not from a device that has your words. Nothing has changed.',
    again: 'Show new words',
  },
} as const;
