import type { Route } from './call.ts';
import { addDeviceRoute } from './routes/add-device.ts';
import { announceUploadRoute } from './routes/announce-upload.ts';
import { appendChainRoute } from './routes/append-chain.ts';
import { commitEntryRoute } from './routes/commit-entry.ts';
import { completeUploadRoute } from './routes/complete-upload.ts';
import { createAccountRoute } from './routes/create-account.ts';
import { deleteAccountRoute } from './routes/delete-account.ts';
import { directPacksRoute } from './routes/direct-packs.ts';
import { healthRoute } from './routes/health.ts';
import { linkingRoute } from './routes/linking.ts';
import { listNamespacesRoute } from './routes/list-namespaces.ts';
import { listTimesRoute } from './routes/list-times.ts';
import { listVersionsRoute } from './routes/list-versions.ts';
import { lostBlocksRoute } from './routes/lost-blocks.ts';
import { loginParametersRoute } from './routes/login-parameters.ts';
import { loginRoute } from './routes/login.ts';
import { openSessionRoute } from './routes/open-session.ts';
import { inStepRoute } from './routes/in-step.ts';
import { profileRoute } from './routes/profile.ts';
import { pushRoute } from './routes/push.ts';
import { putPackRoute } from './routes/put-pack.ts';
import { purgeRoute } from './routes/purge.ts';
import { readAccountRoute } from './routes/read-account.ts';
import { readBlocksRoute } from './routes/read-blocks.ts';
import { readEntriesRoute } from './routes/read-entries.ts';
import { readSnapshotRoute } from './routes/read-snapshot.ts';
import { readUploadRoute } from './routes/read-upload.ts';
import { readUsageRoute } from './routes/read-usage.ts';
import { readUserChainRoute } from './routes/read-user-chain.ts';
import { recoverRoute } from './routes/recover.ts';
import { retentionRoute } from './routes/retention.ts';
import { sessionChallengeRoute } from './routes/session-challenge.ts';
import { waitRoute } from './routes/wait.ts';

/** Every call, in the order of docs/PROTOCOL.md. */
export const ROUTES: readonly Route[] = [
  createAccountRoute,
  loginParametersRoute,
  loginRoute,
  recoverRoute,
  addDeviceRoute,
  linkingRoute,
  sessionChallengeRoute,
  openSessionRoute,
  readAccountRoute,
  appendChainRoute,
  deleteAccountRoute,
  listNamespacesRoute,
  readUserChainRoute,
  announceUploadRoute,
  readUploadRoute,
  putPackRoute,
  directPacksRoute,
  completeUploadRoute,
  commitEntryRoute,
  readEntriesRoute,
  readSnapshotRoute,
  readBlocksRoute,
  lostBlocksRoute,
  listVersionsRoute,
  retentionRoute,
  purgeRoute,
  listTimesRoute,
  readUsageRoute,
  waitRoute,
  profileRoute,
  inStepRoute,
  pushRoute,
  healthRoute,
];
