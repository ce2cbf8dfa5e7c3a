import type { Ports } from '../ports.ts';
import type { Steering } from './generate-shape.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { LifeParts } from './sim-device.ts';
import type { StepAction } from './steps.ts';

/** A wrong change of one source below packages/engine/src: the text `from`, which must stand there once, is replaced. */
export interface Patch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** What a story is about, told anew by each seed: sizes, pauses, who does what. Two devices have started before it begins. */
export type Story = (random: SeededRandom) => readonly StepAction[];

export interface PlantedBug {
  readonly name: string;
  /** Between engine and ports. */
  readonly plant?: (ports: Ports, parts: LifeParts) => Ports;
  /** In the engine itself. */
  readonly patches?: readonly Patch[];
  /** Ordinary runs, led to where it matters ... */
  readonly steering?: Steering;
  /** ... or runs of a story of their own. */
  readonly story?: Story;
}
