import { addDeviceRequest, addDeviceResponse } from '@onefold/protocol';
import { addDevice, addLinkedDevice } from '../../accounts/append-chain.ts';
import { bodyOf, callerOf, CHAIN_BODY_BYTES, sendWire, type Route } from '../call.ts';

export const addDeviceRoute: Route = (app, context) => {
  app.post('/v1/devices', { bodyLimit: CHAIN_BODY_BYTES, config: { isOpen: true } }, async (request, reply) => {
    const { loginToken, link, boxes } = bodyOf(addDeviceRequest, request);
    const chainLength =
      loginToken === undefined
        ? await addLinkedDevice(context, await callerOf(context, request), link, boxes)
        : await addDevice(context, loginToken, link, boxes);
    return sendWire(reply, addDeviceResponse, { chainLength });
  });
};
