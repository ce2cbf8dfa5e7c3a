import { PLANTED_BETWEEN } from './planted-bugs.ts';
import { PLANTED_IN_SOURCES } from './planted-patches.ts';
import type { PlantedBug } from './planted-bug.ts';

/** Seeds within which each bug must be caught. */
export const WITHIN = 120;

export const PLANTED_BUGS: readonly PlantedBug[] = [...PLANTED_BETWEEN, ...PLANTED_IN_SOURCES];
