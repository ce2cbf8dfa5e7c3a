import { getProxyForUrl } from 'proxy-from-env';
import type { PacScript } from './pac.ts';

/** How a person wants the server to be reached. */
export interface ProxySettings {
  /** `environment`, `none`, or an address. */
  readonly proxy: string;
  readonly pacUrl: string | null;
}

/** Address of the proxy for `url` (http or https, with credentials where they were given), or null to go straight. */
export async function findProxy(
  url: string,
  { proxy, pacUrl }: ProxySettings,
  openScript: (address: string) => PacScript,
): Promise<string | null> {
  const script = pacUrl ?? (proxy === 'environment' ? scriptOfEnvironment() : null);
  if (script !== null) return firstUsable(await openScript(script).find(url));
  if (proxy === 'none') return null;
  if (proxy !== 'environment') return proxy;
  const found = getProxyForUrl(url);
  return found === '' ? null : found;
}

/** As desktops set it for a session. */
function scriptOfEnvironment(): string | null {
  const address = process.env['auto_proxy'] ?? process.env['AUTO_PROXY'] ?? '';
  return address === '' ? null : address;
}

/** The first answer of a script that we can follow. SOCKS is not spoken here; without anything usable the way is straight. */
export function firstUsable(answer: string): string | null {
  for (const choice of answer.split(';')) {
    const [kind, place] = choice.trim().split(/\s+/);
    if (kind === 'DIRECT') return null;
    if ((kind === 'PROXY' || kind === 'HTTP') && place !== undefined) return `http://${place}`;
    if (kind === 'HTTPS' && place !== undefined) return `https://${place}`;
  }
  return null;
}
