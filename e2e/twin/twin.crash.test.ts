import { expect, it } from 'vitest';
import { runTwin } from './twin.ts';

it('three devices in bad weather lose nothing that was written and not given up', async () => {
  const lines: string[] = [];
  const report = await runTwin({
    seed: 'tier',
    rounds: 3,
    limitMs: 8 * 60_000,
    actsPerRound: 60,
    tell: (line) => lines.push(line),
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${lines.slice(-150).join('\n')}`);
  });
  expect(report.rounds).toBe(3);
  expect(Object.keys(report.faults).length).toBeGreaterThan(3);
});
