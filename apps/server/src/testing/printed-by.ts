import { vi } from 'vitest';
import { runCommand } from '../command-line.ts';

/** Runs `onefold-server` with these arguments in this process; answers its code and what it printed. What it says on stderr is kept from the report. */
export async function printedBy(args: readonly string[]): Promise<{ readonly code: number; readonly printed: string }> {
  let printed = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const code = await runCommand(args).finally(() => {
    out.mockRestore();
    err.mockRestore();
  });
  return { code, printed };
}
