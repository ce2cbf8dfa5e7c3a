import { getProxyForUrl } from 'proxy-from-env';
import type { PacScript } from './pac.ts';

/** How a person wants the server to be reached. */
export interface ProxySettings {
  /** `environment`, `none`, or an address. */
  readonly proxy: string;
  readonly pacUrl: string | null;
}

/** Ways to one address, in the order in which they are tried: a proxy's address (with credentials where they were given), or null to go straight. */
export interface ProxyChoices {
  readonly choices: readonly (string | null)[];
  /** A script said so: it may say otherwise another time. */
  readonly isFromScript: boolean;
}

/** How `url` (http or https) is to be reached: at least one way. */
export async function findProxies(
  url: string,
  { proxy, pacUrl }: ProxySettings,
  openScript: (address: string) => PacScript,
): Promise<ProxyChoices> {
  const script = pacUrl ?? (proxy === 'environment' ? scriptOfEnvironment() : null);
  if (script !== null) return { choices: usableOf(await openScript(script).find(url)), isFromScript: true };
  const found = proxy === 'environment' ? getProxyForUrl(url) : proxy === 'none' ? '' : proxy;
  return { choices: [found === '' ? null : found], isFromScript: false };
}

/** As desktops set it for a session. */
function scriptOfEnvironment(): string | null {
  const address = process.env['auto_proxy'] ?? process.env['AUTO_PROXY'] ?? '';
  return address === '' ? null : address;
}

/** What of a script's answer we can follow. SOCKS is not spoken here; without anything usable the way is straight. */
export function usableOf(answer: string): (string | null)[] {
  const usable = answer.split(';').flatMap((choice): (string | null)[] => {
    const [kind, place] = choice.trim().split(/\s+/);
    if (kind === 'DIRECT') return [null];
    if ((kind === 'PROXY' || kind === 'HTTP') && place !== undefined) return [`http://${place}`];
    return kind === 'HTTPS' && place !== undefined ? [`https://${place}`] : [];
  });
  return usable.length === 0 ? [null] : usable;
}
