import type { Progress } from '@onefold/control';

/**
 * How far it is, 0 to 1. By bytes where all are known: files differ too much in size to be counted alone. Else by files, of which those
 * on their way count as far as they are.
 */
export function ratioOf({ bytesDone, bytesTotal, filesDone, filesTotal, inFlight }: Progress): number {
  if (bytesTotal > 0) return bytesDone / bytesTotal;
  if (filesTotal === 0) return 0;
  const begun = inFlight.reduce((sum, file) => sum + (file.bytesTotal > 0 ? file.bytesDone / file.bytesTotal : 0), 0);
  return Math.min(1, (filesDone + begun) / filesTotal);
}
