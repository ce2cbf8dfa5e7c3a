import type { Speed } from './travelling.ts';
const WINDOW_MS = 5_000;

export interface Speedometer {
  add(direction: keyof Speed, bytes: number): void;
  read(): Speed;
}

export function createSpeedometer(monotonicMs: () => number): Speedometer {
  let samples: { readonly atMs: number; readonly direction: keyof Speed; readonly bytes: number }[] = [];
  const recent = (): typeof samples => (samples = samples.filter(({ atMs }) => monotonicMs() - atMs < WINDOW_MS));
  return {
    add(direction, bytes) {
      recent().push({ atMs: monotonicMs(), direction, bytes });
    },
    read() {
      const sum = { up: 0, down: 0 };
      for (const { direction, bytes } of recent()) sum[direction] += bytes;
      return { up: (sum.up * 1_000) / WINDOW_MS, down: (sum.down * 1_000) / WINDOW_MS };
    },
  };
}
