export { MAX_MESSAGE_LENGTH } from './carrier.ts';
export type { Carrier } from './carrier.ts';
export { statusSchema } from './status.ts';
export type { Attention, DeviceRef, FolderStatus, InFlight, Progress, Status, SyncState } from './status.ts';
export { EVENTS } from './events.ts';
export type { Activity, ActivityKind, EventData, EventName, Throughput, Uploading } from './events.ts';
export { CALLS } from './calls.ts';
export type {
  CallArgs,
  CallName,
  CallResult,
  Check,
  Conflict,
  DeviceStatus,
  FileVersion,
  ListedEntry,
} from './calls.ts';
export { EXPLAIN_CODES } from './calls/explain.ts';
export type { ExplainCode, Reason } from './calls/explain.ts';
export { createControlServer } from './server.ts';
export type { CallContext, ControlHandlers, ControlServer } from './server.ts';
export { createControlClient } from './client.ts';
export type { ControlClient } from './client.ts';
export { createCarrierPair } from './carrier-pair.ts';
export { WINDOW_BRIDGE_NAME, WINDOW_MESSAGES } from './window-bridge.ts';
export type { BridgeLine, WindowBridge } from './window-bridge.ts';
export { describeSurface } from './surface.ts';
/** What a call rejects with. */
export { OnefoldError } from '@onefold/protocol';
export { ATTENTION_CODES } from './attention-codes.ts';
