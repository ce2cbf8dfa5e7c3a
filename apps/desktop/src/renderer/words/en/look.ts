/** Looking at what a file holds, and at two states of it beside each other. `_one` and `_other` are plural forms of one key. */
export const look = {
  look: {
    same: 'Both hold the same text.',
    sameSoFar: 'What is shown of both is the same. They may differ further on.',
    tooDifferent: 'The two have too little in common to be compared line by line.',
    skipped_one: '{{count, number}} line that is the same',
    skipped_other: '{{count, number}} lines that are the same',
    cut: 'Only the beginning is shown: it is very long.',
    empty: 'It is empty.',
    tooLarge: 'It is too large to be shown here. Put it beside the file, and open it with its own program.',
    otherKind: 'This kind of file cannot be shown here. Put it beside the file, and open it with its own program.',
    loading: 'Fetching it.',
    comparing: 'Comparing.',
    more: 'Show more',
  },
} as const;
