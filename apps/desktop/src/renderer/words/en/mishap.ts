/** A screen that did not load or could not be drawn. */
export const mishap = {
  mishap: {
    loading: 'Opening it.',
    title: 'This screen cannot be shown',
    whole: 'Onefold cannot be shown',
    lost: 'A part of Onefold that it needs did not arrive.',
    torn: 'Something in Onefold itself went wrong while it was drawn.',
    files: 'Your files stay as they are.',
    filesAndScreens: 'Your files stay as they are, and the other screens can be used.',
    again: 'Try again',
    reload: 'Reload Onefold',
    reason: 'For a report',
  },
} as const;
