/* What needs no schema, for threads that do one thing and should be small: nothing here brings zod along. */
export {
  ERROR_REACTIONS,
  OnefoldError,
  fromReport,
  isErrorCode,
  toOnefoldError,
  type ErrorCode,
  type ErrorReport,
  type Reaction,
} from './errors.ts';
export {
  ROOT_NODE,
  fromHex,
  isHexId,
  toHex,
  writeHex,
  type BlockId,
  type ContentId,
  type CtHash,
  type DeviceId,
  type Hash,
  type NameTag,
  type NamespaceId,
  type NodeId,
  type OpId,
  type PackId,
  type UploadId,
  type UserId,
} from './hex-ids.ts';
export { freeLarge, freeNow, LARGE_BYTES } from './free-now.ts';
