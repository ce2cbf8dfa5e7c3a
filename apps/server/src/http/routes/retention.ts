import { retentionResponse, setRetentionRequest, type RetentionResponse } from '@onefold/protocol';
import type { NamespaceAccess } from '../../accounts/access.ts';
import type { ServerContext } from '../../context.ts';
import { idBytes } from '../../id-bytes.ts';
import { chosenPolicy, choosePolicy } from '../../retention/policy.ts';
import { policyOf } from '../../retention/run-retention.ts';
import { accessOf, bodyOf, sendWire, type Route } from '../call.ts';

export const retentionRoute: Route = (app, context) => {
  const path = '/v1/namespaces/:namespace/retention';
  app.get(path, async (request, reply) =>
    sendWire(reply, retentionResponse, await describe(context, await accessOf(context, request))),
  );
  app.put(path, async (request, reply) => {
    const access = await accessOf(context, request);
    await choosePolicy(context, access, bodyOf(setRetentionRequest, request).policy);
    return sendWire(reply, retentionResponse, await describe(context, access));
  });
};

async function describe(context: ServerContext, { head }: NamespaceAccess): Promise<RetentionResponse> {
  const chosen = await chosenPolicy(context.metadata.read, idBytes(head.namespaceId));
  const serverPolicy = policyOf(context);
  return { policy: chosen ?? serverPolicy, isDefault: chosen === undefined, serverPolicy };
}
