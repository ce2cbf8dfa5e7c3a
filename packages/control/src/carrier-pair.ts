import type { Carrier } from './carrier.ts';

interface End {
  readonly carrier: Carrier;
  readonly deliver: (message: string) => void;
  readonly end: () => void;
}

/** Two carriers joined in memory: what one sends the other receives, in order, in a later microtask. For one process. */
export function createCarrierPair(): readonly [Carrier, Carrier] {
  const left: End = createEnd(
    (message) => right.deliver(message),
    () => right.end(),
  );
  const right: End = createEnd(
    (message) => left.deliver(message),
    () => left.end(),
  );
  return [left.carrier, right.carrier];
}

function createEnd(sendAcross: (message: string) => void, endAcross: () => void): End {
  const early: string[] = [];
  let onMessage: ((message: string) => void) | null = null;
  let onClose: (() => void) | null = null;
  let isClosed = false;

  function end(): void {
    if (isClosed) return;
    isClosed = true;
    onClose?.();
  }

  return {
    end,
    deliver(message) {
      if (isClosed) return;
      if (onMessage === null) early.push(message);
      else onMessage(message);
    },
    carrier: {
      send(message) {
        if (!isClosed) void Promise.resolve().then(() => sendAcross(message));
      },
      onMessage(listener) {
        onMessage = listener;
        for (const message of early.splice(0)) listener(message);
      },
      close() {
        if (isClosed) return;
        end();
        void Promise.resolve().then(endAcross);
      },
      onClose(listener) {
        onClose = listener;
        if (isClosed) listener();
      },
    },
  };
}
