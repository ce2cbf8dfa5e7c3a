import { readFile } from 'node:fs/promises';
import type { Agent as SocketAgent } from 'node:http';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { createPace, type Pace } from '../remote/pace.ts';
import { createPacScript, type PacScript } from './pac.ts';
import { findProxies, type ProxySettings } from './proxy-address.ts';
import { Agent, ProxyAgent, type Dispatcher } from './undici.ts';

const CONNECTIONS = 6;
const CONNECT_MS = 10_000;
const MOST_WAYS = 4;
/** Where a script names several proxies, one that did not work is left out for so long. */
const DOUBTED_MS = 5 * 60_000;

export interface NetworkSettings extends ProxySettings {
  /** PEM of authorities trusted besides those that Node trusts (NODE_EXTRA_CA_CERTS among them). */
  readonly authoritiesFile: string | null;
}

/** Connections to the server, as proxies and authorities are at present. */
export interface Way {
  readonly dispatcher: Dispatcher;
  /** For a WebSocket, which goes through a proxy by CONNECT. */
  readonly socket: { readonly agent?: SocketAgent; readonly secureContext?: SecureContext };
  readonly isFromScript: boolean;
}

/*
 * How this device reaches its server.
 *
 *   (none) --way--> made --refresh, use--> (none): connections end, and the next call finds its way anew
 */
export interface Network {
  readonly pace: Pace;
  /** Rejects with `server-unreachable` where no way can be found. */
  way(url: string): Promise<Way>;
  /** Nothing came through this way to `url`: where a script named it, it is asked again, and another of those that it names is tried. */
  doubt(url: string, way: Way): void;
  /** Other settings hold from now on. */
  use(settings: NetworkSettings): void;
  /** The machine woke up or changed networks: nothing that is open can be trusted to be open. */
  refresh(): void;
  close(): Promise<void>;
}

const AS_USUAL: NetworkSettings = { proxy: 'environment', pacUrl: null, authoritiesFile: null };

export function createNetwork(first: NetworkSettings = AS_USUAL): Network {
  let settings = first;
  let scripts = new Map<string, PacScript>();
  /** To the server, and to the store that it names: by origin. */
  const ways = new Map<string, Promise<Way>>();
  /** What they came to. */
  const found = new WeakMap<Promise<Way>, Way>();
  /** How many of a script's proxies were found wanting lately, by origin. */
  const doubted = new Map<string, { readonly count: number; readonly untilMs: number }>();

  function openScript(address: string): PacScript {
    const script = scripts.get(address) ?? createPacScript(address);
    scripts.set(address, script);
    return script;
  }

  async function make(origin: string): Promise<Way> {
    const { choices, isFromScript } = await findProxies(origin, settings, openScript);
    const proxy = choices[doubtsOf(origin) % choices.length] ?? null;
    const secureContext = settings.authoritiesFile === null ? undefined : await trusting(settings.authoritiesFile);
    const tls = { timeout: CONNECT_MS, ...(secureContext === undefined ? {} : { secureContext }) };
    const options = { connections: CONNECTIONS, keepAliveTimeout: 60_000, bodyTimeout: 0, headersTimeout: 0 };
    const context = secureContext === undefined ? {} : { secureContext };
    if (proxy === null) return { dispatcher: new Agent({ ...options, connect: tls }), socket: context, isFromScript };
    return {
      dispatcher: new ProxyAgent({ ...options, uri: proxy, connect: tls, requestTls: tls, proxyTls: tls }),
      socket: { ...context, agent: new HttpsProxyAgent(proxy, context) },
      isFromScript,
    };
  }

  function doubtsOf(origin: string): number {
    const known = doubted.get(origin);
    return known === undefined || performance.now() > known.untilMs ? 0 : known.count;
  }

  async function end(): Promise<void> {
    const known = [...ways.values()];
    ways.clear();
    scripts = new Map();
    await Promise.all(known.map(giveUp));
  }

  async function giveUp(made: Promise<Way>): Promise<void> {
    const way = await made.catch(() => undefined);
    way?.socket.agent?.destroy();
    await way?.dispatcher.destroy(new OnefoldError('server-unreachable', 'the connection was given up'));
  }

  /** The next call tries anew. */
  function forget(origin: string, way: Promise<Way>): void {
    if (ways.get(origin) === way) ways.delete(origin);
  }

  /** Few places are spoken to; one that is not spoken to any more is let go of. */
  function open(origin: string): Promise<Way> {
    const known = ways.get(origin);
    if (known !== undefined) return known;
    const [oldest] = ways;
    if (ways.size >= MOST_WAYS && oldest !== undefined) {
      ways.delete(oldest[0]);
      void giveUp(oldest[1]);
    }
    const made = make(origin);
    ways.set(origin, made);
    return made;
  }

  return {
    pace: createPace(),
    async way(url) {
      const { origin } = new URL(url);
      const way = open(origin);
      try {
        const present = await way;
        found.set(way, present);
        return present;
      } catch (error) {
        forget(origin, way);
        throw new OnefoldError('server-unreachable', toOnefoldError(error).message, { cause: error });
      }
    },
    doubt(url, way) {
      const { origin } = new URL(url);
      const made = ways.get(origin);
      // Whoever else met the same has said so.
      if (!way.isFromScript || made === undefined || found.get(made) !== way) return;
      doubted.set(origin, { count: doubtsOf(origin) + 1, untilMs: performance.now() + DOUBTED_MS });
      forget(origin, made);
      void giveUp(made);
    },
    use(next) {
      settings = next;
      doubted.clear();
      void end();
    },
    refresh: () => void end(),
    close: end,
  };
}

/** Throws `invalid-argument` where the file has no certificate in it. */
export async function trusting(authoritiesFile: string): Promise<SecureContext> {
  try {
    const pem = await readFile(authoritiesFile, 'utf8');
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('there is no certificate in it');
    return createSecureContext({ ca: [...getCACertificates('default'), pem] });
  } catch (cause) {
    throw new OnefoldError('invalid-argument', `the authorities in ${authoritiesFile} cannot be read`, { cause });
  }
}
