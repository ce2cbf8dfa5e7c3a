// glibc gives every thread a heap of its own and gives little of it back: in a daemon with a dozen threads a third of what it held after an
// import was memory that nobody used. Two heaps, and pages that go back as soon as they are free, cost an import nothing measurable. glibc
// reads this when a process starts, and never again. Plain JavaScript: this must run on Node 20.
const SETTINGS = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '16384', MALLOC_MMAP_THRESHOLD_: '32768' };

/**
 * V8's own: it lets the space for what is young grow to 128 MiB a thread before it looks at what is old, however little there is. Four MiB
 * either way are enough for what lives for the length of a call. And it keeps four threads for collections and compilation, of which a process
 * that mostly rests needs one. For a process that runs for long, before its script.
 */
export const SMALL_HEAP_FLAGS = ['--max-semi-space-size=4', '--v8-pool-size=1'];

/**
 * The environment for a process that runs for long. What is set already stays as it is.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
export function withSmallHeap(environment) {
  return process.platform === 'linux' ? { ...SETTINGS, ...environment } : environment;
}

/**
 * Has this very process begin anew with that environment: same pid, same files. Returns where that is not needed or cannot be done: then it
 * runs on as it is.
 */
export function beginWithSmallHeap() {
  const { execve } = /** @type {{ execve?: (file: string, argv: string[], env: NodeJS.ProcessEnv) => void }} */ (
    process
  );
  const isSet = Object.keys(SETTINGS).every((name) => process.env[name] !== undefined);
  // A channel to a parent does not outlive it.
  if (process.platform !== 'linux' || isSet || execve === undefined || process.channel !== undefined) return;
  try {
    execve.call(
      process,
      process.execPath,
      [process.execPath, ...SMALL_HEAP_FLAGS, ...process.execArgv, ...process.argv.slice(1)],
      withSmallHeap(process.env),
    );
  } catch {
    // A permission model may forbid it.
  }
}
