/* Runs that lead to where a planted bug would do harm, for what users and networks seldom do by chance. */
import type { Story } from './planted-bug.ts';
import type { StepAction, UserAct } from './steps.ts';

const SETTLE: StepAction = { do: 'settle' };

function user(device: number, act: UserAct): StepAction {
  return { do: 'user', device, act };
}

function write(device: number, path: string, content: number, size: number): StepAction {
  return user(device, { act: 'write', path, content, size, style: 'in-place' });
}

/** A program holds a file open that is deleted elsewhere, and writes to it after that. */
export const WRITTEN_IN_THE_TRASH: Story = (random) => [
  write(0, 'a', 1, random.pick([100, 700])),
  SETTLE,
  user(1, { act: 'writer-open', path: 'a' }),
  user(0, { act: 'remove', path: 'a' }),
  { do: 'advance', ms: 10_000 },
  { do: 'run', points: 500 },
  { do: 'advance', ms: 10_000 },
  { do: 'run', points: 500 },
  user(1, { act: 'writer-write', content: 2, size: random.pick([100, 300]) }),
  { do: 'run', points: random.int(200) },
  SETTLE,
];

/** A rule comes over what is synced. */
export const IGNORED_LATER: Story = (random) => [
  user(0, { act: 'mkdir', path: 'b' }),
  write(0, 'b/a', 1, random.pick([1, 100, 300])),
  write(0, 'a', 2, 100),
  SETTLE,
  { do: 'rules', device: random.int(2), folder: '', text: random.pick(['a', 'b/', '/a', 'b/a']) },
  { do: 'advance', ms: 5_000 },
  { do: 'run', points: 500 },
  { do: 'advance', ms: 5_000 },
  { do: 'run', points: 500 },
  { do: 'advance', ms: 10_000 },
  { do: 'run', points: 800 },
];

/** A device is cut short while it puts in place what another one wrote, and that one writes again. */
export const FETCHED_AND_CRASHED: Story = (random) => [
  { do: 'phase', territory: 'own' },
  user(0, { act: 'mkdir', path: 'own-0' }),
  SETTLE,
  write(0, 'own-0/a', 1, random.pick([100, 700])),
  { do: 'advance', ms: 31_000 },
  { do: 'run', points: 50 + random.int(150) },
  { do: 'crash', device: 1, power: random.chance(0.5) },
  user(0, { act: 'write', path: 'own-0/a', content: 2, size: 300, style: 'rename-over' }),
  SETTLE,
];

/** The server loses what one device wrote, while another one writes it anew; the first has something else to say by then. */
export const LOST_AND_WRITTEN_ANEW: Story = (random) => [
  write(1, 'a', 1, random.pick([1, 100])),
  SETTLE,
  { do: 'lose', path: 'a' },
  write(0, 'a', 2, random.pick([100, 3_000])),
  write(1, 'b', 3, 100),
  { do: 'advance', ms: random.pick([60, 2_500]) },
  { do: 'run', points: random.int(200) },
  write(1, 'c', 4, 100),
  { do: 'advance', ms: 2_500 },
  { do: 'run', points: random.int(60) },
  SETTLE,
];

/** The server comes back with less than it held. */
export const SERVER_RESTORED: Story = (random) => [
  write(0, 'a', 1, 100),
  SETTLE,
  { do: 'server', becomes: 'backed-up' },
  write(random.int(2), random.pick(['a', 'b']), 2, random.pick([100, 700])),
  SETTLE,
  ...(random.chance(0.5) ? [write(1, 'c', 3, 100), SETTLE] : []),
  { do: 'server', becomes: 'restored' },
  write(random.int(2), 'd', 4, 100),
  { do: 'run', points: random.int(300) },
  SETTLE,
];

/** Changes that no hint tells of. */
export const UNHEARD: Story = (random) => [
  write(0, 'a', 1, 100),
  SETTLE,
  { do: 'watcher', device: 0, becomes: 'overflowing' },
  write(0, random.pick(['a', 'b']), 2, random.pick([100, 300])),
  { do: 'run', points: 200 },
  { do: 'advance', ms: 1_000 },
  { do: 'run', points: 200 },
  SETTLE,
];

/** Each step of a swap of names is seen, so that it is one; where it is followed the engine dies in the middle. */
export const SWAPPED_AND_CRASHED: Story = (random) => {
  const seen: readonly StepAction[] = [
    { do: 'advance', ms: 2_500 },
    { do: 'run', points: 150 },
    { do: 'advance', ms: 2_500 },
    { do: 'run', points: 150 },
  ];
  return [
    write(0, 'a', 1, random.pick([100, 300])),
    write(0, 'b', 2, random.pick([100, 300])),
    SETTLE,
    { do: 'cut', device: 1 },
    { do: 'pause', device: 0 },
    write(1, 'a', 3, 300),
    user(0, { act: 'rename', path: 'a', to: 'c' }),
    ...seen,
    user(0, { act: 'rename', path: 'b', to: 'a' }),
    ...seen,
    user(0, { act: 'rename', path: 'c', to: 'b' }),
    ...seen,
    { do: 'resume', device: 0 },
    ...seen,
    { do: 'heal', device: 1 },
    { do: 'run', points: 20 + random.int(60) },
    { do: 'crash', device: 1, power: false },
    { do: 'start', device: 1 },
    SETTLE,
  ];
};

/** The server loses what its author deletes and somebody else has moved meanwhile: the move wins. */
export const LOST_AND_MOVED: Story = (random) => [
  write(0, 'a', 1, random.pick([100, 700, 3_000])),
  SETTLE,
  { do: 'cut', device: 0 },
  { do: 'cut', device: 1 },
  { do: 'lose', path: 'a' },
  user(0, { act: 'remove', path: 'a' }),
  user(1, { act: 'rename', path: 'a', to: 'b' }),
  { do: 'advance', ms: 10_000 },
  { do: 'run', points: 100 + random.int(200) },
  { do: 'heal', device: random.int(2) },
  { do: 'advance', ms: 10_000 },
  { do: 'run', points: random.int(500) },
  SETTLE,
];
