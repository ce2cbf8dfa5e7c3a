import { isIPv6 } from 'node:net';
import type { ServerConfig } from './config.ts';

const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;

/**
 * Whom a limit of an address holds: of IPv4 the address, of IPv6 the first 64 bits. The rest of those every line and every rented machine chooses at will, so that
 * a limit of the whole address would hold nobody.
 */
export function sourceOf(address: string): string {
  const [bare = ''] = address.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(bare)) return address;
  // A URL has one way of writing each address.
  const [first = '', last = ''] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [first, last].map((part) => part.split(':').filter((group) => group !== '')) as [
    string[],
    string[],
  ];
  const zeros = Array.from({ length: GROUPS - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].slice(0, GROUPS_OF_NETWORK).join(':');
}

/** How many proxies stand before this server, each of which has put down whom it spoke with. */
export function proxiesBefore({ trustProxy }: Pick<ServerConfig, 'trustProxy'>): number {
  return Number(trustProxy);
}
