import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCENE_NAMES, setScene } from '../fixtures/scenes.ts';
import { EMPTY_MODEL } from './model.ts';
import { OFFLINE_CAUSES, tellTruth } from './truth.ts';

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

  test('offline says why where that is known, and nothing made up where it is not', () => {
    const { status } = setScene('offline', 0);
    const detail = (offlineBecause: string) =>
      tellTruth({ line: 'open', status: { ...status, server: { ...status.server, offlineBecause } } }).detail;
    for (const cause of OFFLINE_CAUSES) expect(detail(cause)).toEqual({ key: 'detail.offlineBecause', cause });
    expect(detail('server-unreachable')).toEqual({ key: 'detail.offline' });
    expect(detail('of-next-year')).toEqual({ key: 'detail.offline' });
  });

  test('says what keeps everything still, and promises no "resume" where there is none', () => {
    const { status } = setScene('idle', 0);
    const tell = (by: Partial<typeof status>) =>
      tellTruth({ line: 'open', status: { ...status, state: 'paused', ...by } }).detail?.key;
    expect(tell({ heldBy: 'schedule' })).toBe('detail.heldSchedule');
    expect(tell({ heldBy: 'metered' })).toBe('detail.heldMetered');
    expect(tell({ heldBy: 'schedule', paused: true })).toBe('detail.paused');
    expect(tell({ paused: true })).toBe('detail.paused');
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
