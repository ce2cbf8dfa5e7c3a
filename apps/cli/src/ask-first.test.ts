import { expect, test } from 'vitest';
import { askFirst } from './ask-first.ts';

const WHAT = 'What lies in the trash here goes for good.';

function person(answer: string) {
  const questions: string[] = [];
  return {
    questions,
    isTerminal: true,
    ask: (question: string) => {
      questions.push(question);
      return Promise.resolve(answer);
    },
  };
}

test.each(['y', 'Y', ' yes ', 'YES'])('%j is a yes', async (answer) => {
  const asked = person(answer);
  await askFirst({}, WHAT, asked);
  expect(asked.questions).toEqual([`${WHAT} Go on? [y/N] `]);
});

test.each(['', 'n', 'no', 'yep', 'yes yes'])('%j is none, and nothing is done', async (answer) => {
  await expect(askFirst({}, WHAT, person(answer))).rejects.toMatchObject({
    code: 'usage',
    message: 'nothing was done',
  });
});

test('whoever said so before is not asked', async () => {
  const asked = person('n');
  await askFirst({ yes: true }, WHAT, asked);
  await askFirst({ yes: true, json: true }, WHAT, { ...asked, isTerminal: false });
  expect(asked.questions).toEqual([]);
});

test.each([
  ['without a terminal', { options: {}, isTerminal: false }],
  ['where JSON is wanted', { options: { json: true }, isTerminal: true }],
])('%s nobody is asked, nothing is done, and the way to do it is told', async (_, { options, isTerminal }) => {
  const asked = { ...person('y'), isTerminal };
  await expect(askFirst(options, WHAT, asked)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('--yes') as string,
  });
  expect(asked.questions).toEqual([]);
});
