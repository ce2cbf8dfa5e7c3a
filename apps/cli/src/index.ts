export { buildProgram } from './program.ts';
export { startDaemon } from './daemon.ts';
