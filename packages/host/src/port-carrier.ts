import type { Carrier } from '@onefold/control';

/** The part of Electron's MessagePortMain that a carrier needs. */
export interface EnginePort {
  postMessage(message: string): void;
  close(): void;
  start(): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/** The engine's end of a line to a page. */
export function createPortCarrier(port: EnginePort): Carrier {
  let onMessage: ((message: string) => void) | null = null;
  let onClose: (() => void) | null = null;
  let isEnded = false;

  function end(): void {
    if (isEnded) return;
    isEnded = true;
    onClose?.();
  }

  port.on('message', ({ data }) => {
    if (typeof data === 'string') onMessage?.(data);
    else carrier.close();
  });
  port.on('close', end);

  const carrier: Carrier = {
    send(message) {
      if (!isEnded) port.postMessage(message);
    },
    onMessage(listener) {
      onMessage = listener;
      // Until it is started a port keeps what arrives.
      port.start();
    },
    close() {
      port.close();
      end();
    },
    onClose(listener) {
      onClose = listener;
      if (isEnded) listener();
    },
  };
  return carrier;
}
