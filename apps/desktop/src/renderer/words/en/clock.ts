/** Fields for dates and times. */
export const clock = {
  clock: {
    year: 'Year',
    month: 'Month',
    day: 'Day',
    time: 'Time',
    half: 'Half of the day',
    wrong: 'Write a time such as {{example}}.',
  },
} as const;
