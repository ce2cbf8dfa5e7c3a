import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { encodeWire, entriesResponse } from '@onefold/protocol';
import { readEntries } from '../../journal/read-entries.ts';
import { accessOf, queryCount, type Route } from '../call.ts';

const compress = promisify(zstdCompress);
/** Below this a frame costs more than it saves. */
const COMPRESS_ABOVE_BYTES = 1_024;
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

export const readEntriesRoute: Route = (app, context) => {
  app.get('/v1/namespaces/:namespace/entries', async (request, reply) => {
    const { head } = await accessOf(context, request);
    const after = queryCount(request, 'after', { min: -1, fallback: -1 });
    const bytes = encodeWire(entriesResponse, await readEntries(context, head, after));
    void reply.type('application/cbor').header('vary', 'accept-encoding');
    const takesZstd = /(^|[\s,])zstd($|[\s,;])/.test(request.headers['accept-encoding'] ?? '');
    if (!takesZstd || bytes.length < COMPRESS_ABOVE_BYTES) return reply.send(Buffer.from(bytes));
    return reply.header('content-encoding', 'zstd').send(await compress(bytes, LEVEL));
  });
};
