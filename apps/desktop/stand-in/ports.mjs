import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';

/** What an Electron port wraps here, for handing it on. @type {WeakMap<object, import('node:worker_threads').MessagePort>} */
const wrapped = new WeakMap();

/** Electron's port hands over `{data}`, Node's the data itself; the rest is alike. @param {import('node:worker_threads').MessagePort} port */
export function asElectronPort(port) {
  const electronPort = Object.assign(new EventEmitter(), {
    /** @param {unknown} message */
    postMessage: (message) => port.postMessage(message),
    close: () => port.close(),
    start: () => void port.on('message', (data) => electronPort.emit('message', { data })),
  });
  port.on('close', () => electronPort.emit('close'));
  wrapped.set(electronPort, port);
  return electronPort;
}

/** @param {object} electronPort */
export function nodePort(electronPort) {
  const port = wrapped.get(electronPort);
  if (port === undefined) throw new Error('not a port of this stand-in');
  return port;
}

export class MessageChannelMain {
  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = asElectronPort(port1);
    this.port2 = asElectronPort(port2);
  }
}
