import type { WebSocket } from 'ws';
import type { Carrier } from '@onefold/control';

/** A page that reads slower than this falls behind by so many bytes is cut off; it reconnects and asks for the status. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** A carrier over an accepted WebSocket. */
export function createSocketCarrier(socket: WebSocket): Carrier {
  let onMessage: ((message: string) => void) | null = null;
  let onClose: (() => void) | null = null;
  let isClosed = false;
  const early: string[] = [];

  socket.on('message', (data, isBinary) => {
    if (isBinary || !Buffer.isBuffer(data)) {
      socket.close(1003);
      return;
    }
    const text = data.toString('utf8');
    if (onMessage === null) early.push(text);
    else onMessage(text);
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    isClosed = true;
    onClose?.();
  });

  return {
    send(message) {
      if (isClosed) return;
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) socket.terminate();
      else socket.send(message);
    },
    onMessage(listener) {
      onMessage = listener;
      for (const text of early.splice(0)) listener(text);
    },
    close() {
      socket.close(1000);
    },
    onClose(listener) {
      onClose = listener;
      if (isClosed) listener();
    },
  };
}
