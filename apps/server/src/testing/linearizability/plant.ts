import { registerHooks } from 'node:module';

/*
 * Loaded before a server node (`node --import`): plants one bug in the real source as it is loaded. The checkers are worth something only if they find each of
 * these.
 */

interface Bug {
  /** Which check finds it: of the history of many clients, of uploads over two nodes, or of re-uploads amid collection. */
  readonly foundBy: 'history' | 'uploads' | 'collection';
  readonly changes: Readonly<Record<string, readonly (readonly [find: string, replace: string])[]>>;
}

const BUGS: Readonly<Record<string, Bug>> = {
  'stale-cache': {
    foundBy: 'history',
    changes: {
      '/accounts/head-reads.ts': [
        [
          'return accessFrom(await gathering.answer, tokenHash, namespace, nowMs);',
          `const seen = globalThis.__seen ??= new Map();
      const rows = await gathering.answer;
      const access = accessFrom(rows, tokenHash, namespace, nowMs);
      const known = seen.get(namespace);
      if (known !== undefined && performance.now() - known.atMs < 300) return { ...access, head: known.head };
      seen.set(namespace, { head: access.head, atMs: performance.now() });
      return access;`,
        ],
      ],
    },
  },
  'joined-head-read': {
    foundBy: 'history',
    changes: {
      '/accounts/head-reads.ts': [
        // Where the database answers slowly: else hardly anybody comes while it is asked.
        [
          'ask(metadata, batch.wanted).finally',
          'ask(metadata, batch.wanted).then((rows) => new Promise((answer) => setTimeout(answer, 40, rows))).finally',
        ],
        ['    running++;', '    running++;\n    const sent = (globalThis.__sent ??= new Set()).add(batch);'],
        ['      running--;', '      running--;\n      sent.delete(batch);'],
        [
          '      if (gathering === undefined) {',
          `      for (const { wanted, answer } of globalThis.__sent ?? [])
        for (const other of wanted) if (other.namespace === namespace) joined ??= { other, answer };
      if (gathering === undefined) {`,
        ],
        [
          '    async read(tokenHash, namespace, nowMs) {',
          '    async read(tokenHash, namespace, nowMs) {\n      let joined;',
        ],
        [
          'return accessFrom(await gathering.answer, tokenHash, namespace, nowMs);',
          `const access = accessFrom(await gathering.answer, tokenHash, namespace, nowMs);
      if (joined === undefined) return access;
      return { ...access, head: accessFrom(await joined.answer, joined.other.tokenHash, namespace, nowMs).head };`,
        ],
      ],
    },
  },
  'lost-idempotency': {
    foundBy: 'history',
    changes: { '/journal/commit.ts': [['if (repeated !== undefined) return repeated;', '']] },
  },
  'bigserial-order': {
    foundBy: 'history',
    // The number comes from the database's own counter, and nothing is held until the entry stands.
    changes: {
      '/journal/commit.ts': [
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
  },
  'entry-left-out': {
    foundBy: 'history',
    changes: {
      '/journal/read-entries.ts': [
        [
          'return { head, entries: page.map(',
          'return { head, entries: page.filter((_, i) => i !== 1 || page.length < 3).map(',
        ],
      ],
    },
  },
  'unchained-cache': {
    foundBy: 'history',
    // A cache that takes one position for its neighbour, and nobody looks whether what it gives follows what was before.
    changes: {
      '/journal/read-entries.ts': [
        ['(previous !== undefined && entry.prevHash !== previous)', 'false'],
        [
          'page.push(known);',
          `const other = seq % 5 === 0 ? source.entries.get(head.namespaceId, head.recoveryEpoch, seq - 1) : undefined;
      page.push(other === undefined ? known : { ...other, seq });`,
        ],
      ],
    },
  },
  'stale-versions': {
    foundBy: 'history',
    changes: {
      '/http/routes/list-versions.ts': [
        [
          'return sendWire(reply, versionsResponse, { versions, hasOlder });',
          `const lists = globalThis.__lists ??= new Map();
    const known = lists.get(node + before);
    if (known !== undefined && performance.now() - known.atMs < 3000) return sendWire(reply, versionsResponse, known.list);
    lists.set(node + before, { list: { versions, hasOlder }, atMs: performance.now() });
    return sendWire(reply, versionsResponse, { versions, hasOlder });`,
        ],
      ],
    },
  },
  'skipped-behind': {
    foundBy: 'history',
    // What leads past changesets ends at a head that was read a moment ago.
    changes: {
      '/http/routes/read-snapshot.ts': [
        [
          "const to = queryCount(request, 'to', { fallback: head.seq });",
          `const ends = globalThis.__ends ??= new Map();
    const known = ends.get(head.namespaceId);
    if (known === undefined || performance.now() - known.atMs > 500) ends.set(head.namespaceId, { seq: head.seq, atMs: performance.now() });
    const to = queryCount(request, 'to', { fallback: Math.max(after + 1, ends.get(head.namespaceId).seq) });`,
        ],
      ],
    },
  },
  'skipped-another': {
    foundBy: 'history',
    // The hash of one position stands at the next one, too.
    changes: {
      '/journal/read-skipped.ts': [
        ['hashes.push(hash);', 'hashes.push((seq % 5 === 0 && found.get(seq - 1)) || hash);'],
      ],
    },
  },
  'snapshot-of-now': {
    foundBy: 'history',
    changes: {
      '/journal/read-snapshot.ts': [
        [
          ".where('namespace', '=', namespace)\n    .where('seq', '<=', seq)\n    .groupBy('node')",
          ".where('namespace', '=', namespace)\n    .groupBy('node')",
        ],
      ],
    },
  },
  'snapshot-without': {
    foundBy: 'history',
    changes: {
      '/journal/read-snapshot.ts': [
        [
          'const rows = await withContents(metadata, namespace, fitting);',
          'const rows = await withContents(metadata, namespace, fitting.slice(1));',
        ],
      ],
    },
  },
  'announced-before-commit': {
    foundBy: 'history',
    changes: {
      '/journal/commit.ts': [
        [
          'return decide(context, writer, access, parsed, request, nowMs);',
          `const decision = await decide(context, writer, access, parsed, request, nowMs);
    if (decision.outcome !== 'committed') return decision;
    context.bus.publish({ kind: 'head', head: decision.head });
    await new Promise((resolve) => setTimeout(resolve, 50));
    return decision;`,
        ],
      ],
    },
  },
  'acknowledged-before-stored': {
    foundBy: 'history',
    changes: {
      '/packs/s3.ts': [
        [
          'await this.#call((abortSignal) => this.#client.send(new PutObjectCommand(input), { abortSignal }));',
          `setTimeout(() => this.#call((abortSignal) => this.#client.send(new PutObjectCommand(input), { abortSignal })).catch(() => undefined), 2000);`,
        ],
      ],
    },
  },
  'collection-before-lock': {
    foundBy: 'collection',
    // What is used or pinned is looked up before the namespace is held, and not looked at again; the node is slow just then.
    changes: {
      '/collect/condemn.ts': [
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
  },
  'no-second-look': {
    foundBy: 'uploads',
    // Whether an upload is whole is looked at by the transaction that stores its block, which holds nothing yet: of two of them neither sees the other's.
    changes: {
      '/packs/record-packs.ts': [
        ['for (const namespace of namespaces) await sql.lockNamespace(writer, idBytes(namespace));', ''],
        [
          "if (isWhole) return 'redundant';",
          `const upload = idBytes(pack.uploadId ?? '');
  const { countUnstored } = await import('../uploads/upload-state.ts');
  if ((await countUnstored(writer, namespace, upload)) === 0)
    await writer.updateTable('upload').set({ state: 'uploaded' }).where('namespace', '=', namespace).where('upload', '=', upload)
      .where('state', '=', 'pending').where('is_complete_list', '=', 1).execute();
  if (isWhole) return 'redundant';`,
        ],
      ],
      '/packs/pack-intake.ts': [['await options.onRecorded(', 'await Promise.resolve(']],
    },
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
      const changes = Object.entries(bug.changes).find(([file]) => url.endsWith(file))?.[1];
      if (changes === undefined || loaded.source == null) return loaded;
      let source =
        typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
      for (const [find, replace] of changes) {
        if (!source.includes(find)) throw new Error(`${name}: the source has changed: ${find}`);
        source = source.replace(find, replace);
      }
      return { ...loaded, source };
    },
  });
}
