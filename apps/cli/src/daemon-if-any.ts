import type { ControlClient } from '@onefold/control';
import { connectToDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';

/** The daemon of a home when one runs, else null: for commands that work without one too. */
export async function daemonIfAny(home: string): Promise<ControlClient | null> {
  try {
    return await connectToDaemon(home);
  } catch (thrown) {
    if (thrown instanceof OnefoldError && thrown.code === 'daemon-not-running') return null;
    throw thrown;
  }
}
