export { startServer, type RunningServer } from './server.ts';
export type { ServerConfigInput } from './config.ts';
