import type { Carrier } from '@onefold/control';

/** The page's line to the daemon that served it. The daemon knows us by the cookie the one-time address left here. */
export function openWebSocketCarrier(url: string): Carrier {
  const socket = new WebSocket(url);
  const outgoing: string[] = [];
  const incoming: string[] = [];
  let onMessage: ((message: string) => void) | null = null;
  let onClose: (() => void) | null = null;
  let isEnded = false;

  socket.addEventListener('open', () => {
    for (const message of outgoing.splice(0)) socket.send(message);
  });
  socket.addEventListener('message', (event: MessageEvent<unknown>) => {
    // Frames are text; anything else is not this protocol.
    if (typeof event.data !== 'string') socket.close();
    else if (onMessage === null) incoming.push(event.data);
    else onMessage(event.data);
  });
  // An error is always followed by this.
  socket.addEventListener('close', () => {
    isEnded = true;
    onClose?.();
  });

  return {
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
      else if (socket.readyState === WebSocket.CONNECTING) outgoing.push(message);
    },
    onMessage(listener) {
      onMessage = listener;
      for (const message of incoming.splice(0)) listener(message);
    },
    close: () => socket.close(),
    onClose(listener) {
      onClose = listener;
      if (isEnded) listener();
    },
  };
}

/** `/control` of wherever the page came from. */
export function controlUrl(page: { readonly protocol: string; readonly host: string }): string {
  return `${page.protocol === 'https:' ? 'wss:' : 'ws:'}//${page.host}/control`;
}
