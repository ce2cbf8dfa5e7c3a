/** Answers given before, by a text that says all of the question; when there are `mostKnown`, all are forgotten. */
export function once<Answer>(mostKnown: number): (question: string, answer: () => Answer) => Answer {
  const known = new Map<string, Answer>();
  return (question, answer) => {
    let found = known.get(question);
    if (found === undefined) {
      if (known.size >= mostKnown) known.clear();
      known.set(question, (found = answer()));
    }
    return found;
  };
}
