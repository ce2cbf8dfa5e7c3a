import type { Socket } from 'node:net';
import { MAX_MESSAGE_LENGTH, type Carrier } from '@onefold/control';

/**
 * A carrier over a stream socket: one JSON text a line (JSON never holds a raw line break).
 * The line ends when the socket does, or when the other side sends a line longer than the surface allows.
 */
export function createLineCarrier(socket: Socket): Carrier {
  let onMessage: ((message: string) => void) | null = null;
  let onClose: (() => void) | null = null;
  let isClosed = false;
  let pending = '';
  const early: string[] = [];

  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    if (pending.length > MAX_MESSAGE_LENGTH) {
      socket.destroy();
      return;
    }
    for (const line of lines) {
      if (line === '') continue;
      if (onMessage === null) early.push(line);
      else onMessage(line);
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    isClosed = true;
    onClose?.();
  });

  return {
    send(message) {
      if (!isClosed && socket.writable) socket.write(`${message}\n`);
    },
    onMessage(listener) {
      onMessage = listener;
      for (const line of early.splice(0)) listener(line);
    },
    close() {
      socket.end();
    },
    onClose(listener) {
      onClose = listener;
      if (isClosed) listener();
    },
  };
}
