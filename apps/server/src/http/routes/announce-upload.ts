import { announceUploadRequest, announceUploadResponse } from '@onefold/protocol';
import { announceUpload } from '../../uploads/uploads.ts';
import { accessOf, bodyOf, LIST_BODY_BYTES, sendWire, type Route } from '../call.ts';

export const announceUploadRoute: Route = (app, context) => {
  app.post('/v1/namespaces/:namespace/uploads', { bodyLimit: LIST_BODY_BYTES }, async (request, reply) => {
    const access = await accessOf(context, request);
    const answer = await announceUpload(context, access, bodyOf(announceUploadRequest, request));
    return sendWire(reply.status(201), announceUploadResponse, answer);
  });
};
