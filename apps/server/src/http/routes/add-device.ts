import { addDeviceRequest, addDeviceResponse } from '@onefold/protocol';
import { addDevice } from '../../accounts/append-chain.ts';
import { bodyOf, sendWire, type Route } from '../call.ts';

export const addDeviceRoute: Route = (app, context) => {
  app.post('/v1/devices', async (request, reply) => {
    const { loginToken, link, boxes } = bodyOf(addDeviceRequest, request);
    return sendWire(reply, addDeviceResponse, { chainLength: await addDevice(context, loginToken, link, boxes) });
  });
};
