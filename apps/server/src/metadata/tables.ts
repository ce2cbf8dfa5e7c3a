/*
 * Rows of the metadata database, as migrations/ makes them. Ids, hashes, keys and sealed parts are raw bytes; booleans are 0 or 1; times are
 * milliseconds since 1970. The primary key of every table that grows with use begins with the namespace (or the user).
 */

export interface SettingTable {
  name: string;
  value: Uint8Array;
}

export interface UserTable {
  user: Uint8Array;
  /** The address as it is compared: trimmed, NFC, lower case. */
  email_key: string;
  email: string;
  display_name: string | null;
  picture: Uint8Array | null;
  salt: Uint8Array;
  /** Argon2id parameters as the client gave them. */
  kdf_memory_kib: number;
  kdf_passes: number;
  kdf_lanes: number;
  /** SHA-256 of the authentication key. */
  auth_verifier: Uint8Array;
  recovery_verifier: Uint8Array;
  chain_length: number;
  chain_hash: Uint8Array;
  created_at_ms: number;
  /** Null: what the configuration says. */
  quota_bytes: number | null;
}

export interface DeviceTable {
  device: Uint8Array;
  user: Uint8Array;
  signing_key: Uint8Array;
  added_n: number;
  revoked_n: number | null;
  /** Counts what ends sessions: a session holds the version it was opened under. */
  version: number;
  push_id: string | null;
  client_version: string | null;
  last_seen_ms: number;
  is_in_step: number;
  /** When it last was, while it is not. */
  in_step_ms: number | null;
  /** No node wakes it before. */
  quiet_until_ms: number;
}

export interface UserChainTable {
  user: Uint8Array;
  n: number;
  link: Uint8Array;
  /** Deterministic CBOR of the signatures. */
  signatures: Uint8Array;
  hash: Uint8Array;
}

export interface KeyBoxTable {
  user: Uint8Array;
  generation: number;
  recipient_kind: string;
  /** Device id; no bytes for the other kinds. */
  recipient: Uint8Array;
  sealed: Uint8Array;
}

export interface NamespaceTable {
  namespace: Uint8Array;
  head_seq: number;
  head_hash: Uint8Array;
  epoch: number;
  recovery_epoch: number;
  quota_bytes: number | null;
  stored_bytes: number;
  created_at_ms: number;
  /** Changesets up to here are stubs; -1: none. */
  truncated_seq: number;
  /** Grows whenever blocks of it are found to be lost, or there again. */
  lost_revision: number;
}

export interface MemberTable {
  namespace: Uint8Array;
  user: Uint8Array;
  role: string;
  pin_n: number;
  pin_hash: Uint8Array;
  version: number;
}

export interface NodeTable {
  namespace: Uint8Array;
  node: Uint8Array;
  kind: string;
  parent: Uint8Array;
  name_tag: Uint8Array;
  hidden: number;
  place_version: number;
  content_version: number;
  attributes_version: number;
  last_seq: number;
  /** Since when it bears its own hidden flag. */
  hidden_at_ms: number | null;
  /** What retention or its owner took of it: null = nothing. */
  purge_state: number | null;
}

/** Its versions are being taken: it can no longer be restored. */
export const PURGE_GOING = 1;
/** Nothing is left of it but its place in the tree. */
export const PURGE_GONE = 2;
/** Something below it is gone, so it cannot be restored as it was. */
export const PURGE_BELOW = 3;

export interface RetentionTable {
  namespace: Uint8Array;
  is_thinned: number;
  /** Null: without end. */
  version_days: number | null;
  version_count: number | null;
  trash_days: number | null;
}

export interface RetentionPassTable {
  namespace: Uint8Array;
  after_node: Uint8Array | null;
  done_at_ms: number | null;
}

export interface LeaseTable {
  name: string;
  holder: string;
  until_ms: number;
}

export interface PresenceTable {
  device: Uint8Array;
  node: string;
  until_ms: number;
}

export interface DirectPackTable {
  namespace: Uint8Array;
  pack: Uint8Array;
  object_key: string;
  upload: Uint8Array;
  device: Uint8Array;
  size_bytes: number;
  sha256: Uint8Array;
  expires_at_ms: number;
}

export interface PurgePermitTable {
  id: Uint8Array;
}

/** What the predicate knows of a node. */
export const NODE_COLUMNS = [
  'node',
  'kind',
  'parent',
  'name_tag',
  'hidden',
  'place_version',
  'content_version',
  'attributes_version',
  'last_seq',
] as const satisfies readonly (keyof NodeTable)[];
export type NodeColumn = (typeof NODE_COLUMNS)[number];

export interface FileVersionTable {
  namespace: Uint8Array;
  node: Uint8Array;
  version: number;
  seq: number;
  epoch: number;
  device: Uint8Array;
  accepted_at_ms: number;
  sealed: Uint8Array;
}

export interface VersionBlockTable {
  namespace: Uint8Array;
  node: Uint8Array;
  version: number;
  ct_hash: Uint8Array;
  /** 1: this version starts to use the block, 0: it stops to. */
  is_added: number;
}

export interface PackTable {
  namespace: Uint8Array;
  pack: Uint8Array;
  object_key: string;
  size_bytes: number;
  block_count: number;
  /** SHA-256 of the index, which names every block by its hash: equal indexes are equal packs. */
  index_hash: Uint8Array;
  device: Uint8Array;
  stored_at_ms: number;
}

export const BLOCK_STORED = 1;
/** About to be deleted: counts as missing, and is never handed out again. */
export const BLOCK_CONDEMNED = 2;
/** Its bytes are not what they were: counts as missing until somebody sends it again. */
export const BLOCK_LOST = 3;

export interface BlockTable {
  namespace: Uint8Array;
  ct_hash: Uint8Array;
  state: number;
  pack: Uint8Array;
  offset_bytes: number;
  length_bytes: number;
  /** Since when no committed version uses it; null while one does. */
  unreferenced_at_ms: number | null;
}

export interface EntryTable {
  namespace: Uint8Array;
  seq: number;
  header: Uint8Array;
  signature: Uint8Array;
  body: Uint8Array;
  /** H_(seq-1) and H_seq; for the genesis both are the namespace id. */
  prev_hash: Uint8Array;
  hash: Uint8Array;
  header_hash: Uint8Array;
  type: string;
  device: Uint8Array;
  device_seq: number;
  op_id: Uint8Array;
  size_bytes: number;
  accepted_at_ms: number;
}

/** A changeset that is gone: what H, repeated requests and a device's numbers still need. */
export interface EntryStubTable {
  namespace: Uint8Array;
  seq: number;
  entry_hash: Uint8Array;
  /** H_seq. */
  hash: Uint8Array;
  header_hash: Uint8Array;
  device: Uint8Array;
  device_seq: number;
  op_id: Uint8Array;
  accepted_at_ms: number;
}

/** A node from the entry `seq` on: see journal/node-rows.ts. */
export interface NodeRowTable {
  namespace: Uint8Array;
  node: Uint8Array;
  seq: number;
  row: Uint8Array;
}

export interface TreeSumTable {
  namespace: Uint8Array;
  /** Of the last entry that is in it. */
  seq: number;
  /** The position that the newest checkpoint speaks of; -1: there is none. */
  checkpoint_seq: number;
  nodes: number;
  lanes: Uint8Array;
}

export interface CheckpointTable {
  namespace: Uint8Array;
  /** The position it speaks of; its own entry is at `entry_seq`, the next one. */
  seq: number;
  hash: Uint8Array;
  epoch: number;
  node_root: Uint8Array;
  entry_seq: number;
  created_at_ms: number;
}

/** Pending or uploaded: it pins its blocks. */
export function isOpenUpload(state: string): boolean {
  return state === 'pending' || state === 'uploaded';
}

export interface UploadTable {
  namespace: Uint8Array;
  upload: Uint8Array;
  op_id: Uint8Array;
  user: Uint8Array;
  device: Uint8Array;
  state: string;
  padded_bytes: number;
  /** Deterministic CBOR of the announced nodes and their sealed labels, as received. */
  nodes: Uint8Array;
  /** 1 once the client has named every block: from then on "all stored" means uploaded. */
  is_complete_list: number;
  created_at_ms: number;
  expires_at_ms: number;
  committed_seq: number | null;
  committed_hash: Uint8Array | null;
}

export interface UploadBlockTable {
  namespace: Uint8Array;
  upload: Uint8Array;
  ct_hash: Uint8Array;
}

export interface ChallengeTable {
  challenge: Uint8Array;
  device: Uint8Array;
  expires_at_ms: number;
}

export interface SessionTable {
  /** SHA-256 of the bearer token. */
  token_hash: Uint8Array;
  /** "device" or "login" (which may only add a device). */
  kind: string;
  user: Uint8Array;
  /** Of a login: the device it has added. */
  device: Uint8Array | null;
  device_version: number;
  expires_at_ms: number;
}

export interface LoginAttemptTable {
  bucket: Uint8Array;
  failures: number;
  window_ends_at_ms: number;
}

/** Two devices that exchange the messages of a linking. */
export interface LinkingTable {
  rendezvous: Uint8Array;
  user: Uint8Array;
  /** The old device. */
  device: Uint8Array;
  /** SHA-256 of the claim of the new device; null until there is one. */
  claim_hash: Uint8Array | null;
  expires_at_ms: number;
}

export interface LinkingMessageTable {
  rendezvous: Uint8Array;
  /** "old" or "new": who said it. */
  side: string;
  n: number;
  message: Uint8Array;
}

export interface AuditTable {
  at_ms: number;
  id: Uint8Array;
  action: string;
  user: Uint8Array | null;
  device: Uint8Array | null;
  namespace: Uint8Array | null;
  details: string | null;
}

/** A namespace whose only owner is gone; nobody is a member of it any more, and what is kept of it is taken away bit by bit. */
export interface DoomedNamespaceTable {
  namespace: Uint8Array;
  doomed_at_ms: number;
}

/** A user or a device of an account that was deleted. */
export interface DeletedIdTable {
  id: Uint8Array;
  deleted_at_ms: number;
}

/** A pack that lost blocks since it was last looked whether to rewrite it. It may be gone. */
export interface ThinnedPackTable {
  namespace: Uint8Array;
  pack: Uint8Array;
}

export interface DeadObjectTable {
  object_key: string;
  dead_at_ms: number;
}

export interface Tables {
  dead_object: DeadObjectTable;
  thinned_pack: ThinnedPackTable;
  setting: SettingTable;
  user: UserTable;
  device: DeviceTable;
  user_chain: UserChainTable;
  key_box: KeyBoxTable;
  namespace: NamespaceTable;
  member: MemberTable;
  node: NodeTable;
  file_version: FileVersionTable;
  version_block: VersionBlockTable;
  pack: PackTable;
  block: BlockTable;
  entry: EntryTable;
  checkpoint: CheckpointTable;
  entry_stub: EntryStubTable;
  node_row: NodeRowTable;
  tree_sum: TreeSumTable;
  upload: UploadTable;
  upload_block: UploadBlockTable;
  challenge: ChallengeTable;
  session: SessionTable;
  login_attempt: LoginAttemptTable;
  audit: AuditTable;
  retention: RetentionTable;
  retention_pass: RetentionPassTable;
  lease: LeaseTable;
  purge_permit: PurgePermitTable;
  direct_pack: DirectPackTable;
  presence: PresenceTable;
  linking: LinkingTable;
  linking_message: LinkingMessageTable;
  doomed_namespace: DoomedNamespaceTable;
  deleted_id: DeletedIdTable;
}
