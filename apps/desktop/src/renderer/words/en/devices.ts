/** Devices. `_one` and `_other` are plural forms of one key. */
export const devices = {
  devices: {
    title: 'Devices',
    here: 'this device',
    inStep: 'In step',
    inStepAgo: 'In step {{ago}}',
    notInStep: 'Not in step',
    online: 'Online',
    seenAgo: 'Last seen {{ago}}',
    never: 'Not yet in step',
    sending: 'Sending a change',
    sendingFile: 'Sending {{name}}',
    none: 'No other device yet. Sign in on another one with the same account, and both hold the same files.',
  },
} as const;
