/*
 * Runs in the page before everything else, as Electron's preload world does: gives the preload its `require('electron')`. Ports are played by
 * two functions of the stand-in; a port is a number there.
 */
globalThis.__standIn = (() => {
  /** @type {Map<string, ((event: object, ...args: unknown[]) => void)[]>} */
  const listeners = new Map();
  /** @type {Map<number, MessagePort>} */
  const ports = new Map();

  /** @param {number} id */
  function openPort(id) {
    const { port1, port2 } = new MessageChannel();
    ports.set(id, port1);
    port1.onmessage = ({ data }) => void globalThis.__standInPort(id, 'message', data);
    const close = port2.close.bind(port2);
    port2.close = () => {
      close();
      if (ports.delete(id)) void globalThis.__standInPort(id, 'close', null);
    };
    return port2;
  }

  return {
    /** @param {string} channel @param {unknown[]} args @param {number[]} portIds */
    deliver(channel, args, portIds) {
      const event = { ports: portIds.map(openPort) };
      for (const listener of listeners.get(channel) ?? []) listener(event, ...args);
    },
    /** @param {number} id @param {'message' | 'close'} kind @param {unknown} data */
    fromPort(id, kind, data) {
      const port = ports.get(id);
      if (port === undefined) return;
      if (kind === 'message') port.postMessage(data);
      else {
        ports.delete(id);
        port.close();
      }
    },
    electron: {
      contextBridge: {
        /** @param {string} name @param {unknown} api */
        exposeInMainWorld: (name, api) => Object.defineProperty(globalThis, name, { value: api }),
      },
      ipcRenderer: {
        /** @param {string} channel @param {unknown[]} args */
        send: (channel, ...args) => void globalThis.__standInIpc('send', channel, args),
        /** @param {string} channel @param {unknown[]} args */
        invoke: (channel, ...args) => globalThis.__standInIpc('invoke', channel, args),
        /** @param {string} channel @param {(event: object, ...args: unknown[]) => void} listener */
        on: (channel, listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
      },
    },
  };
})();
