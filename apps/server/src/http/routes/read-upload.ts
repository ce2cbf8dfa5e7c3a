import { uploadResponse, type UploadId } from '@onefold/protocol';
import { describeUpload } from '../../uploads/uploads.ts';
import { accessOf, pathId, sendWire, type Route } from '../call.ts';

export const readUploadRoute: Route = (app, context) => {
  app.get('/v1/namespaces/:namespace/uploads/:upload', async (request, reply) => {
    const access = await accessOf(context, request);
    return sendWire(
      reply,
      uploadResponse,
      await describeUpload(context, access, pathId<UploadId>(request, 'upload', 16)),
    );
  });
};
