import { registerHooks } from 'node:module';

/*
 * Loaded before a server node (`node --import`): plants one bug in the real source as it is loaded. The checkers are worth something only if they find each of
 * these.
 */

interface Bug {
  readonly file: string;
  /** Which check finds it: of the history of many clients, of uploads over two nodes, or of re-uploads amid collection. */
  readonly foundBy: 'history' | 'uploads' | 'collection';
  readonly changes: readonly (readonly [find: string, replace: string])[];
}

const BUGS: Readonly<Record<string, Bug>> = {
  'stale-cache': {
    file: '/accounts/head-reads.ts',
    foundBy: 'history',
    changes: [
      [
        'return accessFrom(await gathering.answer, tokenHash, namespace, nowMs);',
        `const seen = globalThis.__seen ??= new Map();
      const known = seen.get(namespace);
      if (known !== undefined && performance.now() - known.atMs < 300) return accessFrom(known.rows, tokenHash, namespace, nowMs);
      const rows = await gathering.answer;
      seen.set(namespace, { rows, atMs: performance.now() });
      return accessFrom(rows, tokenHash, namespace, nowMs);`,
      ],
    ],
  },
  'joined-head-read': {
    file: '/accounts/head-reads.ts',
    foundBy: 'history',
    changes: [
      [
        '    gathering = undefined;\n    running++;',
        '    if (batch.isSent) return;\n    batch.isSent = true;\n    running++;',
      ],
      ['      running--;\n      send();', '      running--;\n      gathering = undefined;'],
    ],
  },
  'lost-idempotency': {
    file: '/journal/commit.ts',
    foundBy: 'history',
    changes: [['if (repeated !== undefined) return repeated;', '']],
  },
  'bigserial-order': {
    file: '/journal/commit.ts',
    foundBy: 'history',
    // The number comes from the database's own counter, and nothing is held until the entry stands.
    changes: [
      ['await context.metadata.sql.lockNamespace(writer, idBytes(namespace));', ''],
      [
        'const seq = head.seq + 1;',
        `globalThis.__counter ??= context.metadata.read
        .executeQuery({ sql: 'create sequence if not exists "planted"', parameters: [], query: { kind: 'RawNode' } })
        .catch(() => undefined);
      await globalThis.__counter;
      const drawn = await writer.executeQuery({ sql: \`select nextval('planted') as seq\`, parameters: [], query: { kind: 'RawNode' } });
      const seq = Number(drawn.rows[0].seq);`,
      ],
    ],
  },
  'collection-before-lock': {
    file: '/collect/condemn.ts',
    foundBy: 'collection',
    // What is used or pinned is looked up before the namespace is held, and not looked at again; the node is slow just then.
    changes: [
      ['await metadata.sql.lockNamespace(writer, namespace);\n      return condemn(', 'return condemn(metadata, '],
      ['async function condemn(\n', 'async function condemn(\n  metadata,\n'],
      [
        'const pinned = await pinnedAmong(writer, namespace, hashes, nowMs);',
        `const pinned = await pinnedAmong(writer, namespace, hashes, nowMs);
  await new Promise((resolve) => setTimeout(resolve, 150));
  await metadata.sql.lockNamespace(writer, namespace);`,
      ],
      [
        ".where('state', 'in', [BLOCK_STORED, BLOCK_LOST])\n      .where('unreferenced_at_ms', '<=', deadMs)",
        ".where('state', 'in', [BLOCK_STORED, BLOCK_LOST])",
      ],
    ],
  },
  'no-second-look': {
    file: '/packs/pack-intake.ts',
    foundBy: 'uploads',
    changes: [['await options.onRecorded(', 'await Promise.resolve(']],
  },
};

/** Names of the bugs that a check is to find. */
export function bugsFoundBy(check: Bug['foundBy']): string[] {
  return Object.keys(BUGS).filter((bug) => BUGS[bug]?.foundBy === check);
}

const name = process.env['ONEFOLD_PLANTED_BUG'];
if (name !== undefined) {
  const bug = BUGS[name];
  if (bug === undefined) throw new Error(`no bug ${name}`);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(bug.file) || loaded.source == null) return loaded;
      let source =
        typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
      for (const [find, replace] of bug.changes) {
        if (!source.includes(find)) throw new Error(`${name}: the source has changed: ${find}`);
        source = source.replace(find, replace);
      }
      return { ...loaded, source };
    },
  });
}
