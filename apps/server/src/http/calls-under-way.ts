import type { FastifyInstance } from 'fastify';
import { OnefoldError, type DeviceId } from '@onefold/protocol';

/*
 * How many calls of one device are under way. An answer that is not taken stays in memory, some megabytes of it, with the packs open that it is read from, and
 * neither connections nor calls sent ahead on one of them cost a caller anything: without a bound one device that reads nothing takes all the memory and files
 * there are. Each single answer is bounded by its own way of being made, and ends with its connection once nothing of it moves (`connectionTimeout`).
 */
export interface CallsUnderWay {
  /** Counts a call until it is over, once however often its caller is looked up. Throws `too-many-requests`. */
  begin(call: object, device: DeviceId): void;
  /** Answered, or cut off. */
  end(call: object): void;
}

/** Counts the calls of each device, at most `perDevice` at a time. */
export function createCallsUnderWay(perDevice: number): CallsUnderWay {
  const counts = new Map<DeviceId, number>();
  const devices = new WeakMap<object, DeviceId>();
  const over = new WeakSet();
  return {
    begin(call, device) {
      // Cut off while its caller was looked up: nothing would ever count it off again.
      if (devices.has(call) || over.has(call)) return;
      const count = counts.get(device) ?? 0;
      if (count >= perDevice)
        throw new OnefoldError('too-many-requests', 'this device has too many calls under way; take their answers');
      devices.set(call, device);
      counts.set(device, count + 1);
    },
    end(call) {
      over.add(call);
      const device = devices.get(call);
      if (device === undefined) return;
      devices.delete(call);
      const left = (counts.get(device) ?? 1) - 1;
      if (left === 0) counts.delete(device);
      else counts.set(device, left);
    },
  };
}

/** Counts calls off when their answers have been taken, or their connections have ended. */
export function endCalls(app: FastifyInstance, calls: CallsUnderWay): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => calls.end(request));
    done();
  });
}
