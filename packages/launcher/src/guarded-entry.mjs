// What the launcher's child runs: `node guarded-entry.mjs ENTRY_URL ...args`. The entry sees the argv it would see if run directly.
import { fileURLToPath } from 'node:url';
import { keepCompiled } from './compile-cache.mjs';
import { endWithLauncher } from './launch-guard.mjs';

endWithLauncher();
keepCompiled();
const [entry] = process.argv.splice(2, 1);
if (entry === undefined) throw new Error('guarded-entry.mjs needs the URL of a module');
process.argv[1] = fileURLToPath(entry);
await import(entry);
