// Runs in the child. However the launcher dies (kill -9 included), the kernel closes the channel between the two; this
// process then ends as if asked to by SIGTERM, so that it can take what it started with it.

const GRACE_MS = 15_000;
const EXIT_TERMINATED = 143;

function end() {
  // A process that cannot finish in time must not outlive its launcher for ever.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
  if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM', 'SIGTERM');
  else process.exit(EXIT_TERMINATED);
}

/** Ties this process to the launcher's life. Does not keep the process alive by itself. Without a channel it does nothing. */
export function endWithLauncher() {
  if (process.channel === undefined) return;
  process.once('disconnect', end);
  // Listening makes Node count the channel as work to wait for; it is not.
  process.channel?.unref();
  // The launcher may already be gone.
  if (!process.connected) end();
}
