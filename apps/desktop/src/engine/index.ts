import { deviceHome } from './device-home.ts';
import { createEngineHost } from './host.ts';
import { openEngine } from './open-engine.ts';

// The engine's own process: forked by the main process, which tells its version as the one argument.
const [version = '0.0.0'] = process.argv.slice(2);
const host = createEngineHost(process.parentPort, () => openEngine(deviceHome(process.env, process.platform), version));
process.exitCode = await host.ended;
process.exit();
