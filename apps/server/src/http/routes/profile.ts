import { emptyResponse, OnefoldError, pictureTypeOf, profileSchema } from '@onefold/protocol';
import { idBytes } from '../../id-bytes.ts';
import { bodyOf, callerOf, sendWire, type Route } from '../call.ts';

export const profileRoute: Route = (app, context) => {
  app.get('/v1/profile', async (request, reply) => {
    const { user } = await callerOf(context, request);
    const row = await context.metadata.read
      .selectFrom('user')
      .select(['display_name', 'picture'])
      .where('user', '=', idBytes(user))
      .executeTakeFirstOrThrow();
    return sendWire(reply, profileSchema, { name: row.display_name, picture: row.picture });
  });
  app.put('/v1/profile', async (request, reply) => {
    const { user } = await callerOf(context, request);
    const { name, picture } = bodyOf(profileSchema, request);
    if (picture !== null && pictureTypeOf(picture) === null)
      throw new OnefoldError('invalid-argument', 'a picture is PNG, JPEG or WebP');
    await context.metadata.write((writer) =>
      writer.updateTable('user').set({ display_name: name, picture }).where('user', '=', idBytes(user)).execute(),
    );
    return sendWire(reply, emptyResponse, {});
  });
};
