/* What the tests of incidents share: a beginning, and ports of one device that misbehave. */
import type { Ports } from '../ports.ts';
import { createSimEngine } from './sim-engine.ts';
import { tell, type Scenario } from './scenario.ts';
import type { LifeParts, Surroundings } from './sim-device.ts';

/** A story in which all devices have met and hold what `begin` made. `wrapPorts` may come between engines and their ports. */
export async function story(
  begin: (s: Scenario) => Promise<void>,
  wrapPorts?: Surroundings['wrapPorts'],
  devices = 2,
): Promise<Scenario> {
  const scenario = await tell(createSimEngine, devices, {}, false, wrapPorts);
  await begin(scenario);
  await scenario.settle();
  return scenario;
}

/** Wraps the ports of one device and leaves the others' as they are. `device` counts from 0, in the order of their first start. */
export function onDevice(
  device: number,
  wrap: (ports: Ports, parts: LifeParts) => Ports,
): NonNullable<Surroundings['wrapPorts']> {
  const met: string[] = [];
  return (ports, parts) => {
    const id = ports.sealing.device;
    if (!met.includes(id)) met.push(id);
    return met.indexOf(id) === device ? wrap(ports, parts) : ports;
  };
}

/** A folder `f` of small files made by device 0: `f/0` holds content 100, and so on. */
export async function makeTree(s: Scenario, files: number): Promise<void> {
  await s.act(0, { act: 'mkdir', path: 'f' });
  for (let i = 0; i < files; i++) await s.write(0, `f/${i}`, 100 + i, 20);
}

/** The first device has `m/a` and `m/b` on a disk of their own that is mounted inside the root. */
export async function storyOfDisk(): Promise<Scenario> {
  const s = await story((it) => it.act(0, { act: 'mkdir', path: 'm' }));
  await s.step({ do: 'mount', device: 0, path: 'm' });
  await s.write(0, 'm/a', 1);
  await s.write(0, 'm/b', 2);
  await s.settle();
  return s;
}
