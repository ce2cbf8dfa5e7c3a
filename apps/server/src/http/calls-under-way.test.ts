import { expect, test } from 'vitest';
import type { DeviceId } from '@onefold/protocol';
import { createCallsUnderWay } from './calls-under-way.ts';

const [DEVICE, OTHER] = ['01'.repeat(16), '02'.repeat(16)] as [DeviceId, DeviceId];

test('a call counts once, from when its device is known until it is over', () => {
  const calls = createCallsUnderWay(2);
  const [first, second, third] = [{}, {}, {}];
  calls.begin(first, DEVICE);
  calls.begin(first, DEVICE);
  calls.begin(second, DEVICE);
  expect(() => calls.begin(third, DEVICE)).toThrow('too many calls');
  calls.begin({}, OTHER);
  calls.end(third);
  calls.end(first);
  calls.end(first);
  calls.begin({}, DEVICE);
  expect(() => calls.begin({}, DEVICE)).toThrow('too many calls');
});

test('one that is cut off before its device is known never counts', () => {
  const calls = createCallsUnderWay(1);
  const gone = {};
  calls.end(gone);
  calls.begin(gone, DEVICE);
  expect(() => calls.begin({}, DEVICE)).not.toThrow();
});
