/** Versions of one file. */
export const versions = {
  versions: {
    title: 'Versions',
    toFiles: 'All files',
    choose: 'Choose a file under Files to see its versions.',
    current: 'As it is now',
    by: 'Saved on {{device}}',
    restore: 'Restore',
    restoreOf: 'Restore the version of {{moment}}',
    beside: 'Put beside',
    besideOf: 'Put beside: the version of {{moment}}',
    restored: '{{name}} is back as of {{moment}}. What it replaced stays a version.',
    putBeside: 'It is beside the file now: {{name}}',
  },
} as const;
