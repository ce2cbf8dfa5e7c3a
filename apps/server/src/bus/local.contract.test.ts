import { describe } from 'vitest';
import { describeBus } from './bus.contract.ts';
import { createLocalBus } from './local.ts';

describe('the bus of one process', () => {
  describeBus(() => Promise.resolve(createLocalBus(() => undefined)));
});
