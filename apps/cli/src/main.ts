import { EXIT } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import { runProgram } from './run-program.ts';

// Whoever reads has seen enough, as `head` has: nothing is wrong, and nothing more is to be said. A daemon has other work than to be read.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (process.argv[2] !== 'daemon') process.exit(EXIT.ok);
});

process.exitCode = await runProgram(buildProgram(), process.argv);
