/*
 * The schema of one engine's state, step by step. A step that was released is frozen: changes come as a new one at the end.
 * `user_version` counts the steps taken.
 *
 * Ids are raw bytes. Names are text; a name that is no UTF-8 is "/" and the hex of its bytes (no name holds a slash).
 * Times in nanoseconds and inode numbers are 64-bit integers; unsigned ones wrap. JSON columns escape lone surrogates.
 */

/**
 * One row in `node`, and one with the same id in the table of each side that knows the node. Kinds: 0 file, 1 folder, 2 link, 3 mount.
 *
 * Random keys are what costs: each one written dirties a page of its own. So there is one index over node ids, which also lists the
 * unsettled ones in order, tags and names are indexed under their parent, and contents by 8 bytes only.
 */
const NODES = `
CREATE TABLE node (id INTEGER PRIMARY KEY, node BLOB NOT NULL, unsettled INTEGER NOT NULL, unsafe INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX node_by_id ON node (unsettled, node);

CREATE TABLE local_node (
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, parent BLOB NOT NULL, name TEXT NOT NULL,
  stat_kind INTEGER NOT NULL, stat_size INTEGER NOT NULL, stat_mtime INTEGER NOT NULL, stat_ctime INTEGER NOT NULL,
  stat_birth INTEGER NOT NULL, stat_inode INTEGER NOT NULL, stat_device INTEGER NOT NULL, stat_links INTEGER NOT NULL,
  stat_mode INTEGER NOT NULL,
  content BLOB, size INTEGER, target TEXT
) STRICT;
CREATE INDEX local_child ON local_node (parent, name);
CREATE INDEX local_inode ON local_node (stat_inode);
CREATE INDEX local_content ON local_node (substr(content, 1, 8)) WHERE content IS NOT NULL;

CREATE TABLE remote_node (
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, parent BLOB NOT NULL, tag BLOB NOT NULL, name TEXT,
  hidden INTEGER NOT NULL, hidden_above INTEGER NOT NULL, quarantined INTEGER NOT NULL,
  place_version INTEGER NOT NULL, content_version INTEGER NOT NULL, attributes_version INTEGER NOT NULL,
  last_seq INTEGER NOT NULL, author BLOB NOT NULL,
  content BLOB, size INTEGER, target TEXT,
  has_attributes INTEGER NOT NULL, mtime INTEGER, mode INTEGER
) STRICT;
CREATE INDEX remote_tag ON remote_node (parent, tag);
CREATE INDEX remote_name ON remote_node (parent, name);
CREATE INDEX remote_content ON remote_node (substr(content, 1, 8)) WHERE content IS NOT NULL;
CREATE INDEX remote_last_seq ON remote_node (last_seq);

CREATE TABLE synced_node (
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, parent BLOB NOT NULL, name TEXT NOT NULL,
  content BLOB, size INTEGER, target TEXT,
  has_attributes INTEGER NOT NULL, mtime INTEGER, mode INTEGER,
  has_shown INTEGER NOT NULL, shown_mtime INTEGER, shown_mode INTEGER,
  place_version INTEGER NOT NULL, content_version INTEGER NOT NULL, attributes_version INTEGER NOT NULL
) STRICT;
CREATE INDEX synced_child ON synced_node (parent, name);
`;

/** `entries` is a packed list of references; node_block finds donors: which nodes hold a block. */
const BLOCKS = `
CREATE TABLE node_reference (
  node BLOB PRIMARY KEY, has_references INTEGER NOT NULL, entries BLOB NOT NULL, manifest BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE node_block (block BLOB NOT NULL, node BLOB NOT NULL, PRIMARY KEY (block, node)) STRICT, WITHOUT ROWID;
CREATE TABLE known_block (
  block BLOB PRIMARY KEY, epoch INTEGER NOT NULL, ct_hash BLOB NOT NULL, ct_length INTEGER NOT NULL, plain_length INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

const QUEUE = `
CREATE TABLE single (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE entry_hash (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
CREATE TABLE intent (id INTEGER PRIMARY KEY, node BLOB NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;
CREATE TABLE disk_intent (id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
CREATE TABLE attention (id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
CREATE TABLE activity (id INTEGER PRIMARY KEY AUTOINCREMENT, json TEXT NOT NULL) STRICT;
`;

/** What a node is called on this disk, where it cannot be called by its name. Few are. */
const DISK_NAMES = `
ALTER TABLE local_node ADD COLUMN disk_name TEXT;
CREATE INDEX local_disk_name ON local_node (parent, disk_name) WHERE disk_name IS NOT NULL;
`;

/** What an unsettled row has still to send or fetch. Rows of before say nothing until they are written again. */
const BYTES_TO_MOVE = `
ALTER TABLE node ADD COLUMN bytes_to_move INTEGER NOT NULL DEFAULT 0;
`;

/** Nodes that are not to be on this device. */
const UNTICKED = `
ALTER TABLE remote_node ADD COLUMN unticked INTEGER NOT NULL DEFAULT 0;
`;

/** Rules files, which are looked for before every plan. */
const RULES_FILES = `
CREATE INDEX remote_rules ON remote_node (name) WHERE name = '.onefoldignore';
`;

/**
 * Names as people look for them, row by row beside the nodes, to be read from end to end: a hundred thousand take some ten milliseconds, two
 * letters find as much as ten, and a new row costs one write at the end. Filled by the table of nodes, which alone can fold a name.
 */
const FOUND_NAMES = `
CREATE TABLE found_name (id INTEGER PRIMARY KEY, folded TEXT NOT NULL) STRICT;
`;

/** What goes into the leaves of nodes. */
const DIGESTS = `
ALTER TABLE remote_node ADD COLUMN digests BLOB;
`;

/** Versions that were lost before others were written in their place. */
const UNSEEN = `
ALTER TABLE remote_node ADD COLUMN unseen TEXT;
`;

export const MIGRATIONS: readonly string[] = [
  NODES + BLOCKS + QUEUE,
  DISK_NAMES,
  BYTES_TO_MOVE,
  UNTICKED,
  RULES_FILES,
  FOUND_NAMES,
  DIGESTS,
  UNSEEN,
];
