/** Search over names. `_one` and `_other` are plural forms of one key. */
export const search = {
  search: {
    title: 'Search',
    detail: 'By name, in all your folders. From anywhere: {{keys}}.',
    label: 'Names of files and folders',
    start: 'Type a part of a name. Several words are found in any order, however they are written.',
    none: 'Nothing has a name like that, neither here nor among what was deleted.',
    results: 'What was found',
    count_one: '{{count, number}} found',
    count_other: '{{count, number}} found',
    first_one: 'The best {{count, number}}. Type more to find fewer.',
    first_other: 'The best {{count, number}}. Type more to find fewer.',
    deleted: 'Deleted',
    show: 'Where it is',
    showOf: 'Where it is: {{name}}',
    open: 'Show in folder',
    openOf: 'Show in folder: {{name}}',
  },
} as const;
