import { randomBytes } from 'node:crypto';
import { decodeWire, encodeWire } from '@onefold/protocol';
import { connectRedis, createCircuitBreaker, inBytes, tellSparingly } from '../redis-connection.ts';
import type { Bus } from './bus.ts';
import { createLocalBus } from './local.ts';
import { busMessageOf, envelopeSchema } from './message.ts';

/** A Redis that takes longer to take a message is not asked again for a moment: messages would pile up here. */
const DEADLINE_MS = 1_000;

export interface RedisBusOptions {
  readonly url: string;
  readonly channel: string;
  readonly onError: (error: unknown) => void;
  /** Messages of other nodes may have been missed: those who listen must be told what is true now. */
  readonly onGap: () => void;
}

/**
 * Carries wake-ups between nodes by Redis pub/sub. This node's own listeners hear them without Redis, so a node by itself loses nothing when Redis is gone.
 */
export function createRedisBus(options: RedisBusOptions): Bus {
  const self = randomBytes(8).toString('hex');
  const local = createLocalBus(options.onError);
  const onError = tellSparingly(options.onError);
  const publisher = connectRedis(options.url, onError);
  const subscriber = connectRedis(options.url, onError);
  const breaker = createCircuitBreaker(DEADLINE_MS, () => performance.now());
  let isClosed = false;

  function refused(thrown: unknown): never {
    onError(thrown);
    throw thrown;
  }

  function receive(bytes: Uint8Array): void {
    try {
      const { from, message } = decodeWire(envelopeSchema, bytes);
      const known = busMessageOf(message);
      if (from !== self && known !== undefined) local.publish(known);
    } catch (thrown) {
      onError(thrown);
    }
  }

  let isSubscribed = false;
  subscriber.on('ready', () => {
    // The client subscribes again by itself after a lost connection.
    if (isSubscribed) {
      options.onGap();
      return;
    }
    isSubscribed = true;
    inBytes(subscriber)
      .subscribe(options.channel, (message) => receive(message as unknown as Buffer), true)
      .then(options.onGap)
      .catch((thrown: unknown) => {
        isSubscribed = false;
        onError(thrown);
      });
  });

  return {
    publish(message) {
      if (isClosed) return;
      local.publish(message);
      if (!publisher.isReady) return;
      const bytes = Buffer.from(encodeWire(envelopeSchema, { from: self, message }));
      void breaker.attempt(() => publisher.publish(options.channel, bytes).catch(refused));
    },
    subscribe: (listener) => local.subscribe(listener),
    async close() {
      isClosed = true;
      await local.close();
      publisher.destroy();
      subscriber.destroy();
    },
  };
}
