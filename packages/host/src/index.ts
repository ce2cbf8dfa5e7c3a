/*
 * What a process needs to run a device's engine, or to speak to the one that runs on this machine: where its state lies, where it listens,
 * and the engine behind the control surface's calls.
 */
export { connectToDaemon, listenForControl, openControlSocket, withDaemon } from './control-socket.ts';
export { controlAddress, pidPath, resolveHome } from './home.ts';
export { createPortCarrier, type EnginePort } from './port-carrier.ts';
export { serveHome, type ServedHome } from './serve-home.ts';
export { writeWhole } from './write-whole.ts';
