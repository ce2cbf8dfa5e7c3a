import { completeUploadRequest, uploadResponse, type UploadId } from '@onefold/protocol';
import { completeUpload } from '../../uploads/uploads.ts';
import { accessOf, bodyOf, LIST_BODY_BYTES, pathId, sendWire, type Route } from '../call.ts';

export const completeUploadRoute: Route = (app, context) => {
  app.post(
    '/v1/namespaces/:namespace/uploads/:upload/complete',
    { bodyLimit: LIST_BODY_BYTES },
    async (request, reply) => {
      const access = await accessOf(context, request);
      const { blocks } = bodyOf(completeUploadRequest, request);
      return sendWire(
        reply,
        uploadResponse,
        await completeUpload(context, access, pathId<UploadId>(request, 'upload', 16), blocks),
      );
    },
  );
};
