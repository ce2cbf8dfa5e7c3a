import type { Carrier, WindowBridge } from '@onefold/control';

declare global {
  interface Window {
    readonly onefold?: WindowBridge;
  }
}

export function openWindowCarrier(bridge: Pick<WindowBridge, 'open'>): Carrier {
  const incoming: string[] = [];
  let onMessage: ((message: string) => void) | null = null;
  let onClose: (() => void) | null = null;
  let isEnded = false;
  const line = bridge.open(
    (text) => {
      if (onMessage === null) incoming.push(text);
      else onMessage(text);
    },
    () => {
      isEnded = true;
      onClose?.();
    },
  );
  return {
    send: (message) => line.send(message),
    onMessage(listener) {
      onMessage = listener;
      for (const message of incoming.splice(0)) listener(message);
    },
    close: () => line.close(),
    onClose(listener) {
      onClose = listener;
      if (isEnded) listener();
    },
  };
}
