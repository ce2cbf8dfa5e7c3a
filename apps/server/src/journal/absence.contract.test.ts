import { expect, test } from 'vitest';
import {
  encodeWire,
  locateBlocksResponse,
  loginRequest,
  loginResponse,
  readBlocksRequest,
  skippedResponse,
  versionsResponse,
  type NodeId,
} from '@onefold/protocol';
import { onBothGrounds } from '../testing/on-both-grounds.ts';
import { createTestAccount, randomId } from '../testing/test-account.ts';
import {
  createClient,
  createFile,
  packOf,
  randomBlock,
  splitFrames,
  TestClient,
  valueOf,
} from '../testing/test-client.ts';
import { announce, putPack, through } from '../testing/test-uploads.ts';

const TIMES = 3;

onBothGrounds('what is not there', (ground) => {
  test.runIf(ground.canHaveNodes)(
    'is not remembered: a node that has just said so tells of it as soon as another one has it',
    async () => {
      const here = await ground.start({}, undefined, { isDirect: true });
      const writing = await createClient(here.url);
      const reading = through(writing, (await here.another()).url);
      for (let i = 0; i < TIMES; i++) {
        const [block, node, late] = [randomBlock(), randomId<NodeId>(16), randomBlock()];
        const after = writing.head.seq;
        const asked = { schema: readBlocksRequest, value: { blocks: [block.ctHash, late.ctHash] } };
        const look = async () => {
          const read = await reading.raw('POST', reading.path('/blocks/read'), encodeWire(asked.schema, asked.value));
          const frames = splitFrames(new Uint8Array(await read.arrayBuffer()));
          const located = valueOf(
            await reading.call('POST', reading.path('/blocks/locate'), locateBlocksResponse, asked),
          );
          const skipped = await reading.call('GET', reading.path(`/entries/skipped?after=${after}`), skippedResponse);
          const listed = valueOf(await reading.call('GET', reading.path(`/nodes/${node}/versions`), versionsResponse));
          return {
            entries: (await reading.entries(after)).entries.length,
            skipped: skipped.ok ? skipped.value.hashes.length / 32 : 0,
            versions: listed.versions.length,
            blocks: frames.map(({ length }) => length > 0),
            places: located.places.map((place) => place !== null),
          };
        };
        const nothing = { entries: 0, skipped: 0, versions: 0, blocks: [false, false], places: [false, false] };
        expect(await look()).toEqual(nothing);
        expect(await look()).toEqual(nothing);
        valueOf(await writing.commit([createFile([block], { node })], { pack: packOf([block]) }));
        const there = { entries: 1, skipped: 1, versions: 1, blocks: [true, false], places: [true, false] };
        expect(await look()).toEqual(there);
        await putPack(writing, await announce(writing, [late]), [late]);
        expect(await look()).toEqual({ ...there, blocks: [true, true], places: [true, true] });
      }
    },
  );

  test.runIf(ground.canHaveNodes)('nor that there is no such account, no such device and no such folder', async () => {
    const here = await ground.start();
    const other = await here.another();
    for (let i = 0; i < TIMES; i++) {
      const writing = new TestClient(here.url, createTestAccount());
      const reading = new TestClient(other.url, writing.account);
      const stranger = through(await createClient(here.url), other.url);
      const { email, authKey } = writing.account;
      const login = () =>
        reading.call('POST', '/v1/login', loginResponse, { schema: loginRequest, value: { email, authKey } });
      expect(await login()).toMatchObject({ code: 'login-failed' });
      expect(await reading.openSession()).toMatchObject({ code: 'signature-invalid' });
      const entries = (token: string | undefined): Promise<Response> =>
        stranger.raw('GET', writing.path('/entries'), undefined, { authorization: `Bearer ${token ?? ''}` });
      expect((await entries(stranger.token)).status).toBe(404);
      valueOf(await writing.createAccount());
      valueOf(await login());
      valueOf(await reading.openSession());
      expect((await entries(reading.token)).status).toBe(200);
    }
  });
});
