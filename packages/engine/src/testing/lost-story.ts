/* Devices of which the server loses what one of them has, for tests of what becomes of it. */
import type { Engine } from '../sync/engine.ts';
import { usesOf } from './memory-history.ts';
import { tell, type Scenario } from './scenario.ts';
import type { Surroundings } from './sim-device.ts';
import { createSimEngineFor } from './sim-engine.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export interface Story extends Scenario {
  /** The engine that lives on a device. */
  engine(device: number): Engine;
}

/** Two devices that hold `f/a` and `f/b` of device 0, and `c` of device 1. */
export async function met(wrapPorts?: Surroundings['wrapPorts']): Promise<Story> {
  const engines = new Map<string, Engine>();
  const makeEngine = createSimEngineFor(
    () => 'two-way',
    (device, engine) => void engines.set(device, engine),
  );
  const s = await tell(makeEngine, 2, {}, false, wrapPorts);
  await s.act(0, { act: 'mkdir', path: 'f' });
  await s.write(0, 'f/a', 1, 900);
  await s.write(0, 'f/b', 2);
  await s.write(1, 'c', 3);
  await s.settle();
  return { ...s, engine: (device) => engines.get(s.world.devices[device]!.identity.name)! };
}

export function isWhole({ world }: Scenario, path: string): boolean {
  const { node } = world.truth.tree().get(path)!;
  return [...usesOf(world.server.journal).get(node)!].every((ctHash) => world.server.holds(ctHash));
}

export function entries({ world }: Scenario): number {
  return world.server.journal.entries.length;
}

export function unsafe(s: Story, device: number): number {
  return s.engine(device).status().notYetSafe;
}

export function fetches({ world }: Scenario): number {
  return world.coverage.times('call', 'readBlocks');
}
