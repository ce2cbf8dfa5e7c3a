import type { Migration } from '../migration.ts';

export const firstMigration: Migration = {
  number: 1,
  name: 'first',
  statements: [
    `create table "setting" ("name" text primary key, "value" {{bytes}} not null)`,

    `create table "user" (
      "user" {{bytes}} primary key,
      "email_key" text not null unique,
      "email" text not null,
      "display_name" text,
      "picture" {{bytes}},
      "salt" {{bytes}} not null,
      "kdf_memory_kib" {{integer}} not null,
      "kdf_passes" {{integer}} not null,
      "kdf_lanes" {{integer}} not null,
      "auth_verifier" {{bytes}} not null,
      "recovery_verifier" {{bytes}} not null,
      "chain_length" {{integer}} not null,
      "chain_hash" {{bytes}} not null,
      "created_at_ms" {{integer}} not null
    )`,

    `create table "device" (
      "device" {{bytes}} primary key,
      "user" {{bytes}} not null references "user" ("user"),
      "signing_key" {{bytes}} not null,
      "added_n" {{integer}} not null,
      "revoked_n" {{integer}},
      "version" {{integer}} not null,
      "push_id" text,
      "client_version" text,
      "last_seen_ms" {{integer}} not null
    )`,
    `create index "device_of_user" on "device" ("user")`,

    `create table "user_chain" (
      "user" {{bytes}} not null,
      "n" {{integer}} not null,
      "link" {{bytes}} not null,
      "signatures" {{bytes}} not null,
      "hash" {{bytes}} not null,
      primary key ("user", "n")
    )`,

    `create table "key_box" (
      "user" {{bytes}} not null,
      "generation" {{integer}} not null,
      "recipient_kind" text not null,
      "recipient" {{bytes}} not null,
      "sealed" {{bytes}} not null,
      primary key ("user", "generation", "recipient_kind", "recipient")
    )`,

    `create table "namespace" (
      "namespace" {{bytes}} primary key,
      "head_seq" {{integer}} not null,
      "head_hash" {{bytes}} not null,
      "epoch" {{integer}} not null,
      "recovery_epoch" {{integer}} not null,
      "quota_bytes" {{integer}},
      "stored_bytes" {{integer}} not null,
      "created_at_ms" {{integer}} not null
    )`,

    `create table "member" (
      "namespace" {{bytes}} not null,
      "user" {{bytes}} not null,
      "role" text not null,
      "pin_n" {{integer}} not null,
      "pin_hash" {{bytes}} not null,
      "version" {{integer}} not null,
      primary key ("namespace", "user")
    ){{clustered}}`,
    `create index "member_of_user" on "member" ("user")`,

    `create table "node" (
      "namespace" {{bytes}} not null,
      "node" {{bytes}} not null,
      "kind" text not null,
      "parent" {{bytes}} not null,
      "name_tag" {{bytes}} not null,
      "hidden" {{integer}} not null,
      "place_version" {{integer}} not null,
      "content_version" {{integer}} not null,
      "attributes_version" {{integer}} not null,
      "last_seq" {{integer}} not null,
      primary key ("namespace", "node")
    )`,
    `create index "node_by_place" on "node" ("namespace", "parent", "name_tag")`,
    `create index "node_by_change" on "node" ("namespace", "last_seq")`,

    `create table "file_version" (
      "namespace" {{bytes}} not null,
      "node" {{bytes}} not null,
      "version" {{integer}} not null,
      "seq" {{integer}} not null,
      "epoch" {{integer}} not null,
      "device" {{bytes}} not null,
      "accepted_at_ms" {{integer}} not null,
      "sealed" {{bytes}} not null,
      primary key ("namespace", "node", "version")
    )`,

    `create table "version_block" (
      "namespace" {{bytes}} not null,
      "node" {{bytes}} not null,
      "version" {{integer}} not null,
      "ct_hash" {{bytes}} not null,
      "is_added" {{integer}} not null,
      primary key ("namespace", "node", "version", "ct_hash", "is_added")
    ){{clustered}}`,

    `create table "pack" (
      "namespace" {{bytes}} not null,
      "pack" {{bytes}} not null,
      "object_key" text not null,
      "size_bytes" {{integer}} not null,
      "block_count" {{integer}} not null,
      "index_hash" {{bytes}} not null,
      "device" {{bytes}} not null,
      "stored_at_ms" {{integer}} not null,
      primary key ("namespace", "pack")
    )`,

    `create table "block" (
      "namespace" {{bytes}} not null,
      "ct_hash" {{bytes}} not null,
      "state" {{integer}} not null,
      "pack" {{bytes}} not null,
      "offset_bytes" {{integer}} not null,
      "length_bytes" {{integer}} not null,
      "unreferenced_at_ms" {{integer}},
      primary key ("namespace", "ct_hash")
    ){{clustered}}`,

    `create table "entry" (
      "namespace" {{bytes}} not null,
      "seq" {{integer}} not null,
      "header" {{bytes}} not null,
      "signature" {{bytes}} not null,
      "body" {{bytes}} not null,
      "prev_hash" {{bytes}} not null,
      "hash" {{bytes}} not null,
      "header_hash" {{bytes}} not null,
      "type" text not null,
      "device" {{bytes}} not null,
      "device_seq" {{integer}} not null,
      "op_id" {{bytes}} not null,
      "size_bytes" {{integer}} not null,
      "accepted_at_ms" {{integer}} not null,
      primary key ("namespace", "seq")
    )`,
    `create unique index "entry_operation" on "entry" ("namespace", "device", "op_id")`,
    `create unique index "entry_author" on "entry" ("namespace", "device", "device_seq", "seq")`,

    `create table "checkpoint" (
      "namespace" {{bytes}} not null,
      "seq" {{integer}} not null,
      "hash" {{bytes}} not null,
      "epoch" {{integer}} not null,
      "node_root" {{bytes}} not null,
      "entry_seq" {{integer}} not null,
      "created_at_ms" {{integer}} not null,
      primary key ("namespace", "seq")
    )`,

    `create table "upload" (
      "namespace" {{bytes}} not null,
      "upload" {{bytes}} not null,
      "op_id" {{bytes}} not null,
      "user" {{bytes}} not null,
      "device" {{bytes}} not null,
      "state" text not null,
      "padded_bytes" {{integer}} not null,
      "nodes" {{bytes}} not null,
      "is_complete_list" {{integer}} not null,
      "created_at_ms" {{integer}} not null,
      "expires_at_ms" {{integer}} not null,
      "committed_seq" {{integer}},
      "committed_hash" {{bytes}},
      primary key ("namespace", "upload")
    )`,
    `create unique index "upload_operation" on "upload" ("namespace", "device", "op_id")`,
    `create index "upload_by_expiry" on "upload" ("state", "expires_at_ms")`,

    `create table "upload_block" (
      "namespace" {{bytes}} not null,
      "upload" {{bytes}} not null,
      "ct_hash" {{bytes}} not null,
      primary key ("namespace", "upload", "ct_hash")
    ){{clustered}}`,

    `create table "challenge" (
      "challenge" {{bytes}} primary key,
      "device" {{bytes}} not null,
      "expires_at_ms" {{integer}} not null
    )`,

    `create table "session" (
      "token_hash" {{bytes}} primary key,
      "kind" text not null,
      "user" {{bytes}} not null,
      "device" {{bytes}},
      "device_version" {{integer}} not null,
      "expires_at_ms" {{integer}} not null
    )`,
    `create index "session_by_expiry" on "session" ("expires_at_ms")`,

    `create table "login_attempt" (
      "bucket" {{bytes}} primary key,
      "failures" {{integer}} not null,
      "window_ends_at_ms" {{integer}} not null
    )`,

    `create table "audit" (
      "at_ms" {{integer}} not null,
      "id" {{bytes}} not null,
      "action" text not null,
      "user" {{bytes}},
      "device" {{bytes}},
      "namespace" {{bytes}},
      primary key ("at_ms", "id")
    )`,
  ],
  appendOnly: ['file_version', 'user_chain', 'entry'],
};
