import { execFile } from 'node:child_process';

const ANSWER_MS = 5_000;
const PROPERTY = [
  'get-property',
  'org.freedesktop.NetworkManager',
  '/org/freedesktop/NetworkManager',
  'org.freedesktop.NetworkManager',
  'Metered',
];
/** NMMetered: 1 yes, 3 guessed yes; 0 unknown, 2 no, 4 guessed no. */
const METERED = new Set(['u 1', 'u 3']);

/** Whether NetworkManager says that this connection is paid for by what goes over it. False where there is none to ask. */
export function askMetered(): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(false);
  return new Promise((resolve) => {
    // With --no-pager and --auto-start=no it neither waits for a person nor starts anything.
    execFile(
      'busctl',
      ['--system', '--no-pager', '--auto-start=no', ...PROPERTY],
      { timeout: ANSWER_MS },
      (error, out) => resolve(error === null && METERED.has(out.trim())),
    );
  });
}
