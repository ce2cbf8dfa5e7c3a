import { readFile } from 'node:fs/promises';
import type { Agent as SocketAgent } from 'node:http';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { createPace, type Pace } from '../remote/pace.ts';
import { createPacScript, type PacScript } from './pac.ts';
import { findProxy, type ProxySettings } from './proxy-address.ts';

const CONNECTIONS = 6;
const CONNECT_MS = 10_000;
const MOST_WAYS = 4;

export interface NetworkSettings extends ProxySettings {
  /** PEM of authorities trusted besides those that Node trusts (NODE_EXTRA_CA_CERTS among them). */
  readonly authoritiesFile: string | null;
}

/** Connections to the server, as proxies and authorities are at present. */
export interface Way {
  readonly dispatcher: Dispatcher;
  /** For a WebSocket, which goes through a proxy by CONNECT. */
  readonly socket: { readonly agent?: SocketAgent; readonly secureContext?: SecureContext };
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

  function openScript(address: string): PacScript {
    const script = scripts.get(address) ?? createPacScript(address);
    scripts.set(address, script);
    return script;
  }

  async function make(origin: string): Promise<Way> {
    const proxy = await findProxy(origin, settings, openScript);
    const secureContext = settings.authoritiesFile === null ? undefined : await trusting(settings.authoritiesFile);
    const tls = { timeout: CONNECT_MS, ...(secureContext === undefined ? {} : { secureContext }) };
    const options = { connections: CONNECTIONS, keepAliveTimeout: 60_000, bodyTimeout: 0, headersTimeout: 0 };
    const context = secureContext === undefined ? {} : { secureContext };
    if (proxy === null) return { dispatcher: new Agent({ ...options, connect: tls }), socket: context };
    return {
      dispatcher: new ProxyAgent({ ...options, uri: proxy, connect: tls, requestTls: tls, proxyTls: tls }),
      socket: { ...context, agent: new HttpsProxyAgent(proxy, context) },
    };
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
        return await way;
      } catch (error) {
        forget(origin, way);
        throw new OnefoldError('server-unreachable', toOnefoldError(error).message, { cause: error });
      }
    },
    use(next) {
      settings = next;
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
