import { resolveHome } from '@onefold/host';
import { createEngineHost } from './host.ts';
import { openEngine } from './open-engine.ts';

// The engine's own process: forked by the main process, which tells its version as the one argument.
const [version = '0.0.0'] = process.argv.slice(2);
const home = resolveHome(undefined);
const serverProgram = new URL('./server-worker.ts', import.meta.url);
const host = createEngineHost(process.parentPort, (onStopAsked, key) =>
  openEngine({ home, version, key, onStopAsked, serverProgram }),
);
process.exitCode = await host.ended;
process.exit();
