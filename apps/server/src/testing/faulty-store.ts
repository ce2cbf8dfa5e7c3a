import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pass } from 'node:timers/promises';

/**
 * What stands between a server node and its object store:
 *
 *   none       everything passes
 *   slow       every answer comes late, and in pieces
 *   refusing   503, and the store never hears of it
 *   forgetful  the store does what was asked, and 500 is the answer
 *   cutting    the connection is cut in the middle of an answer
 *   hanging    no answer
 *   short      an answer has half of the bytes, and says that these are all
 *   displaced  a range is answered by one that says to begin at the object's beginning
 *   parted     the second part of a pack that goes in parts gets no answer; everything else passes
 */
export type StoreFault =
  'none' | 'slow' | 'refusing' | 'forgetful' | 'cutting' | 'hanging' | 'short' | 'displaced' | 'parted';

export interface FaultyStore {
  readonly endpoint: string;
  set(fault: StoreFault): void;
  /** How many second parts of packs have come by. */
  secondParts(): number;
  close(): void;
}

const LATE_MS = 400;
const PIECE_BYTES = 16 * 1024;

/** A proxy before a store's gateway, on loopback, that passes on what it hears byte for byte, signatures included. */
export async function startFaultyStore(target: string): Promise<FaultyStore> {
  let fault: StoreFault = 'none';
  let seconds = 0;
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    incoming.on('error', () => undefined);
    outgoing.on('error', () => undefined);
    const isSecond = /[?&]partNumber=2(&|$)/.test(incoming.url ?? '');
    if (isSecond) seconds++;
    if (fault === 'hanging' || (fault === 'parted' && isSecond)) return void incoming.resume();
    if (fault === 'refusing') {
      incoming.resume();
      incoming.once('end', () => outgoing.writeHead(503).end());
      return;
    }
    const { method = 'GET', url = '/', headers } = incoming;
    const passed = request({ hostname, port, method, path: url, headers }, (answer) => {
      answerWith(fault, answer, outgoing).catch(() => outgoing.destroy());
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (next) => void (fault = next),
    secondParts: () => seconds,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answerWith(fault: StoreFault, answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (fault === 'forgetful') {
    answer.resume();
    outgoing.writeHead(500).end();
    return;
  }
  if (fault === 'slow') await pass(LATE_MS);
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  if (fault === 'short' && body.length > 1) {
    const half = body.subarray(0, body.length / 2);
    outgoing.writeHead(answer.statusCode ?? 500, { ...answer.headers, 'content-length': half.length }).end(half);
    return;
  }
  if (fault === 'displaced' && answer.headers['content-range'] !== undefined) {
    const displaced = `bytes 0-${body.length - 1}/*`;
    outgoing.writeHead(answer.statusCode ?? 500, { ...answer.headers, 'content-range': displaced }).end(body);
    return;
  }
  outgoing.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
  if (fault === 'cutting') {
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => outgoing.destroy());
    return;
  }
  for (let at = 0; at < body.length; at += PIECE_BYTES) {
    outgoing.write(body.subarray(at, at + PIECE_BYTES));
    if (fault === 'slow') await pass(5);
  }
  outgoing.end();
}
