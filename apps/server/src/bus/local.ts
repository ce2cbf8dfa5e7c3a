import type { Bus, BusMessage } from './bus.ts';

/** The bus of a server that is one process. */
export function createLocalBus(onError: (error: unknown) => void): Bus {
  const listeners = new Set<(message: BusMessage) => void>();
  let isClosed = false;
  return {
    publish(message) {
      if (isClosed) return;
      setImmediate(() => {
        if (isClosed) return;
        for (const listener of listeners) {
          try {
            listener(message);
          } catch (thrown) {
            onError(thrown);
          }
        }
      });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      isClosed = true;
      listeners.clear();
      return Promise.resolve();
    },
  };
}
