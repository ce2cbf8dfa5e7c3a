import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeId } from '@onefold/protocol';
import { takeTurns, type Task, type Turns } from './turns.ts';

const id = (name: string | number): NodeId => `${name}` as NodeId;
const task = (node: string, ...of: string[]): Task => ({
  node: id(node),
  waits: of.map((other) => ({ event: `done ${other}`, of: id(other) })),
});

/** Runs tasks whose turn makes `done NODE` happen; circles are untied by their first. */
function order(
  tasks: readonly Task[],
  untie?: Turns['untie'],
): { readonly run: string[]; readonly circles: string[][] } {
  const run: string[] = [];
  const circles: string[][] = [];
  takeTurns(tasks, {
    run(node, happened) {
      run.push(node);
      happened(`done ${node}`);
    },
    untie(circle, happened, take) {
      circles.push([...circle]);
      if (untie !== undefined) untie(circle, happened, take);
      else take(circle[0]!);
    },
  });
  return { run, circles };
}

test('what waits for nothing goes in the order given, the rest after what it waits for', () => {
  expect(order([task('a', 'b', 'c'), task('b'), task('c', 'd'), task('d')]).run).toEqual(['b', 'd', 'c', 'a']);
  expect(order([]).run).toEqual([]);
});

test('two tasks may wait for one event, and an event may happen twice', () => {
  const run: string[] = [];
  takeTurns([task('a'), task('b', 'a'), task('c', 'a')], {
    run(node, happened) {
      run.push(node);
      happened('done a');
      happened('done a');
    },
    untie: () => expect.fail('no circle'),
  });
  expect(run).toEqual(['a', 'b', 'c']);
});

describe('circles', () => {
  test('are handed out whole, without what only leads into them', () => {
    const { run, circles } = order([task('x', 'a'), task('a', 'b'), task('b', 'c'), task('c', 'a')]);
    expect(circles).toEqual([['a', 'b', 'c']]);
    expect(run).toEqual(['a', 'x', 'c', 'b']);
  });

  test('may be untied by an event alone', () => {
    const { run } = order([task('a', 'b'), task('b', 'a')], (_circle, happened) => happened('done b'));
    expect(run).toEqual(['a', 'b']);
  });

  test('are followed along what is still to be done', () => {
    const { circles } = order([task('a', 'z', 'b'), task('z'), task('b', 'a')]);
    expect(circles).toEqual([['a', 'b']]);
  });

  test('that nothing unties end with an error', () => {
    expect(() => order([task('a', 'a')], () => undefined)).toThrow(
      expect.objectContaining({ code: 'internal', message: 'a circle of operations that nothing unties' }),
    );
  });

  test('taking a turn twice is taking it once', () => {
    const { run } = order([task('a', 'b'), task('b', 'a')], (_circle, _happened, take) => {
      take(id('a'));
      take(id('a'));
    });
    expect(run).toEqual(['a', 'b']);
  });
});

test('waiting for what is not planned is an error', () => {
  expect(() => order([task('a', 'nobody')])).toThrow(
    expect.objectContaining({ code: 'internal', message: 'an operation waits for one that is not planned' }),
  );
});

test('every task has its turn once, and after what it waits for where there is no circle', () => {
  const graph = fc
    .integer({ min: 1, max: 9 })
    .chain((count) => fc.array(fc.array(fc.nat(count - 1), { maxLength: 3 }), { minLength: count, maxLength: count }));
  fc.assert(
    fc.property(graph, (edges) => {
      const { run, circles } = order(edges.map((of, i) => task(`${i}`, ...new Set(of.map(String)))));
      expect([...run].sort()).toEqual(edges.map((_, i) => `${i}`).sort());
      if (circles.length > 0) return;
      for (const [i, of] of edges.entries())
        for (const other of of) expect(run.indexOf(`${other}`)).toBeLessThan(run.indexOf(`${i}`));
    }),
  );
});
