import { toOnefoldError } from '@onefold/protocol';
import { createEngine, type Engine } from '../sync/engine.ts';
import type { FolderMode } from '../core/one-way.ts';
import type { EngineFactory, SimEngine } from './engine-seam.ts';

const SYNC_WAIT_MS = 5 * 60 * 60_000;

/** The product's engine, as the simulation asks of it. */
export const createSimEngine: EngineFactory = createSimEngineFor(() => 'two-way');

/** The same, on devices that keep the folder in such ways. `onMade` gets each engine itself; what is more than `inlinePackBytes` is uploaded before it is committed. */
export function createSimEngineFor(
  modeOf: (device: string) => FolderMode,
  onMade: (device: string, engine: Engine) => void = () => undefined,
  inlinePackBytes?: number,
): EngineFactory {
  return (ports, { name, namespaceId }) => {
    // Large files begin small here, so that they are met.
    const about = { namespaceId, deviceName: name, folderId: name, largeFileBytes: 2_000, mode: modeOf(name) };
    const options = inlinePackBytes === undefined ? about : { ...about, inlinePackBytes };
    const engine = createEngine(ports, options);
    onMade(name, engine);
    return asked(engine);
  };
}

function asked(engine: Engine): SimEngine {
  return {
    start: () => engine.start(),
    stop: () => engine.stop(),
    pause: () => engine.pause(),
    resume: () => engine.resume(),
    async scan() {
      engine.scanAll();
    },
    async syncWait() {
      const result = await engine.syncWait(SYNC_WAIT_MS);
      return result.outcome;
    },
    async select(path, becomes) {
      const [untick, tick] = becomes === 'unticked' ? [[path], []] : [[], [path]];
      await engine.setSelection({ untick, tick }).catch((thrown: unknown) => {
        const { code } = toOnefoldError(thrown);
        if (!['not-found', 'precondition-failed', 'invalid-argument'].includes(code)) throw thrown;
      });
    },
    async tickAll() {
      const { entries } = await engine.selection('', 10_000, null);
      await engine.setSelection({ untick: [], tick: entries.map(({ path }) => path) });
    },
    settleOneWay: () => engine.settleOneWay(),
    async isFrozen(path) {
      return (await engine.explain(path)).some(({ code }) => code === 'frozen');
    },
    isIdle: () => engine.status().state === 'idle',
    async confirmAll() {
      for (const { id, code } of engine.status().attention)
        if (code === 'mass-change' || code === 'server-restored') await engine.confirm(id);
    },
    describe() {
      const { state, pending, notYetSafe, attention, waiting } = engine.status();
      return JSON.stringify({ state, pending, notYetSafe, attention, waiting });
    },
  };
}
