// Imported before the engine's bundle in its thread: what a utility process has and a thread lacks.
import { EventEmitter } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { asElectronPort } from './ports.mjs';

// The engine's own threads inherit the import, and speak another language.
if (workerData?.isUtilityProcess === true) {
  const port = new EventEmitter();
  parentPort?.on('message', ({ data, ports }) => port.emit('message', { data, ports: ports.map(asElectronPort) }));
  Object.defineProperty(process, 'parentPort', { value: port });
}
