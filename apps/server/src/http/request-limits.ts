import type { IncomingMessage } from 'node:http';
import { tokenHash } from '../accounts/access.ts';
import { sourceOf } from '../address-source.ts';
import type { ServerConfig } from '../config.ts';
import { createConnectionLimit, type ConnectionLimit } from './connection-limit.ts';
import { createRateLimit } from './rate-limit.ts';

/** How often anyone may ask anything: sessions are limited each, everybody else by address, before anything is read or looked up. */
export interface RequestLimits {
  /** Milliseconds until the request may be made; 0 = now, and it counts. */
  take(address: string, token: string | undefined, nowMs: number): number;
  /** How many of them may be open. */
  readonly connections: ConnectionLimit;
}

const DEVICES_PER_ADDRESS = 20;

export function createRequestLimits({ limits }: Pick<ServerConfig, 'limits'>): RequestLimits {
  const byAddress = createRateLimit(limits.anonymousPerMinute);
  const bySession = createRateLimit(limits.devicePerMinute);
  // Tokens cost an attacker nothing to invent, so an address has a limit of its own.
  const anythingByAddress = createRateLimit(limits.devicePerMinute * DEVICES_PER_ADDRESS);
  return {
    connections: createConnectionLimit(limits.connectionsPerAddress),
    take(address, token, nowMs) {
      const source = sourceOf(address);
      if (token === undefined) return byAddress.take(source, nowMs);
      return (
        anythingByAddress.take(source, nowMs) || bySession.take(Buffer.from(tokenHash(token)).toString('base64'), nowMs)
      );
    },
  };
}

/**
 * The peer's address, as the HTTP calls see it. Proxies append to X-Forwarded-For, and what stands before their words is the peer's own: it is counted from
 * the end.
 */
export function addressOf(request: IncomingMessage, proxies: number): string {
  const header = request.headers['x-forwarded-for'];
  const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  const hops = [...forwarded, request.socket.remoteAddress ?? ''];
  return hops[Math.max(0, hops.length - 1 - proxies)] ?? '';
}
