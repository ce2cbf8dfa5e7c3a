import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';
import methods from 'undici/lib/api/index.js';

/*
 * What a daemon needs of undici. Its index also loads mocks, caches, fetch and WebSockets, and a daemon that rests would keep them in memory for
 * as long as it runs (bench/results/idle-memory-2026-11-27.json). The names of its files are no promise of undici's: its version is pinned, and
 * every call of every test over HTTP goes through here.
 */

// As the index does it: `request` and the like are methods of whatever dispatches.
Object.assign(Dispatcher.prototype, methods);

export { Agent, ProxyAgent, type Dispatcher };

/** One request by way of `dispatcher`, whatever its address. Rejects with undici's errors. */
export function request(
  address: string,
  { dispatcher, ...options }: Omit<Dispatcher.RequestOptions, 'origin' | 'path'> & { readonly dispatcher: Dispatcher },
): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = new URL(address);
  return dispatcher.request({ ...options, origin, path: `${pathname}${search}` });
}
