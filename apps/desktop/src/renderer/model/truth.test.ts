import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCENE_NAMES, setScene } from '../fixtures/scenes.ts';
import { EMPTY_MODEL } from './model.ts';
import { tellTruth } from './truth.ts';

const LINES = ['connecting', 'open', 'lost'] as const;
const STATES = ['idle', 'syncing', 'offline', 'paused', 'attention'] as const;

describe('the sentence of truth', () => {
  test('"safe" is said only when the line is open, the daemon says idle, there are folders, none is paused and nothing waits', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SCENE_NAMES),
        fc.constantFrom(...LINES),
        fc.constantFrom(...STATES),
        fc.nat(2),
        fc.nat(2),
        (scene, line, state, pending, notYetSafe) => {
          const status = { ...setScene(scene, 0).status, state, pending, notYetSafe };
          const truth = tellTruth({ line, status });
          const { folders } = status;
          const isWhole = folders.length > 0 && folders.every(({ paused }) => !paused);
          const isSafe = line === 'open' && state === 'idle' && pending + notYetSafe === 0 && isWhole;
          expect(truth.key === 'truth.safe').toBe(isSafe);
          expect(truth.mark === 'idle').toBe(isSafe);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('says what waits, in each state', () => {
    const tell = (scene: (typeof SCENE_NAMES)[number]) => {
      const { key, count, secondsLeft, detail } = tellTruth({ line: 'open', status: setScene(scene, 0).status });
      return [key, count, secondsLeft, detail?.key];
    };
    expect(tell('idle')).toEqual(['truth.safe', 0, null, 'detail.kept']);
    expect(tell('syncing')).toEqual(['truth.sendingLeft', 792, 118, 'detail.kept']);
    expect(tell('arriving')).toEqual(['truth.arriving', 12, null, 'detail.kept']);
    expect(tell('offline')).toEqual(['truth.offlineWaiting', 5, null, 'detail.offline']);
    expect(tell('paused')).toEqual(['truth.paused', 0, null, 'detail.paused']);
    expect(tell('attention')).toEqual(['truth.attention', 4, null, 'detail.attentionWaiting']);
    expect(tell('rest')).toEqual(['truth.pausedSome', 1, null, 'detail.kept']);
    expect(tell('empty')).toEqual(['truth.noFolder', 0, null, 'detail.noFolder']);
  });

  test('says that it does not know while there is no line', () => {
    expect(tellTruth(EMPTY_MODEL).key).toBe('truth.connecting');
    expect(tellTruth({ line: 'lost', status: setScene('idle', 0).status }).key).toBe('truth.lost');
  });

  test('claims the rest is safe only when nothing is left and the server is there', () => {
    const { status } = setScene('attention', 0);
    const tell = (by: Partial<typeof status>) => tellTruth({ line: 'open', status: { ...status, ...by } }).detail?.key;
    expect(tell({ pending: 0, notYetSafe: 0 })).toBe('detail.attentionSafe');
    expect(tell({ pending: 1, notYetSafe: 0 })).toBeUndefined();
    expect(tell({ pending: 0, notYetSafe: 0, server: { url: '', connected: false } })).toBeUndefined();
  });
});
