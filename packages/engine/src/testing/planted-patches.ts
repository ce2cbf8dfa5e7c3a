/* Bugs put in on purpose into the engine's own sources, each as a change of a few words. A change whose text is not found any more fails. */
import type { PlantedBug } from './planted-bug.ts';
import {
  FETCHED_AND_CRASHED,
  IGNORED_LATER,
  LOST_AND_MOVED,
  LOST_AND_WRITTEN_ANEW,
  SWAPPED_AND_CRASHED,
  SERVER_RESTORED,
  UNHEARD,
} from './planted-stories.ts';

export const PLANTED_IN_SOURCES: readonly PlantedBug[] = [
  {
    name: 'the sides of a move are swapped',
    patches: [
      {
        file: 'core/decide.ts',
        from: `return samePlace(remote, synced) ? 'up' : 'down';`,
        to: `return samePlace(remote, synced) ? 'down' : 'up';`,
      },
    ],
  },
  {
    name: 'what the server has lost is sent again with the blocks that it has lost',
    steering: { troubles: ['net', 'crash'], loses: true },
    patches: [
      {
        file: 'sync/lost-contents.ts',
        from: `session().transfers.lost.add(ctHash);`,
        to: ``,
      },
    ],
  },
  {
    name: 'what the server has lost is sent again over what was written since',
    story: LOST_AND_WRITTEN_ANEW,
    patches: [
      { file: 'sync/lost-contents.ts', from: `  await session.lostContents.judge();`, to: `` },
      {
        file: 'sync/draft.ts',
        from: `return operation.lost === undefined ? !isKnownThere : isKnownThere;`,
        to: `return operation.lost !== undefined || !isKnownThere;`,
      },
    ],
  },
  {
    name: 'what the server has lost is sent by nobody but who wrote it',
    story: LOST_AND_MOVED,
    patches: [
      {
        file: 'sync/lost-contents.ts',
        from: `if (row === undefined || !book.has(node) || !standsHere(row, version)) return false;`,
        to: `if (row?.remote?.author !== session().device || !book.has(node) || !standsHere(row, version)) return false;`,
      },
    ],
  },
  {
    name: 'what is written over a version that was lost does not say so',
    steering: { troubles: ['net', 'crash'], loses: true },
    patches: [
      {
        file: 'sync/changes.ts',
        from: 'const said = unseen.length === 0 ? content : { ...content, unseen };',
        to: 'const said = unseen.length === 0 ? content : { ...content };',
      },
    ],
  },
  {
    name: 'what was written over a version that was lost is taken for an edit of it',
    steering: { troubles: ['net', 'crash'], loses: true },
    patches: [
      {
        file: 'sync/open-changes.ts',
        from: '  const { unseen } = content;',
        to: '  const unseen = undefined;',
      },
    ],
  },
  {
    name: 'a delete here wins over an edit there',
    steering: { troubles: ['race'] },
    patches: [
      {
        file: 'core/decide.ts',
        from: 'const isChangedThere = !samePlace(remote, synced) || isContentNews;',
        to: 'const isChangedThere = !samePlace(remote, synced);',
      },
    ],
  },
  {
    name: 'a delete there wins over an edit here',
    steering: { troubles: ['race'] },
    patches: [
      {
        file: 'core/decide.ts',
        from: `return sameContent(local.content, synced.content) ? 'delete-down' : 'restore-up';`,
        to: `return 'delete-down';`,
      },
    ],
  },
  {
    name: 'the copy for the loser of a conflict is left out',
    steering: { troubles: ['race'] },
    patches: [
      {
        file: 'core/plan.ts',
        from: `if (content === 'up' || content === 'down' || content === 'conflict') planner.content.set(node, content);`,
        to: `if (content !== 'same' && content !== 'look') planner.content.set(node, content === 'up' ? 'up' : 'down');`,
      },
    ],
  },
  {
    name: 'of two versions the one with the later time wins',
    steering: { troubles: ['race', 'clock'] },
    patches: [
      {
        file: 'core/plan.ts',
        from: `if (content === 'up' || content === 'down' || content === 'conflict') planner.content.set(node, content);`,
        to: `if (content === 'up' || content === 'down') planner.content.set(node, content);
  if (content === 'conflict') planner.content.set(node, local.stat.mtimeNs > (remote.attributes?.mtimeNs ?? 0n) ? 'up' : 'down');`,
      },
    ],
  },
  {
    name: 'only size and mtime tell whether a file has changed',
    steering: { troubles: ['race'] },
    patches: [
      { file: 'sync/ripeness.ts', from: '    a.inode === b.inode &&\n', to: '' },
      { file: 'sync/ripeness.ts', from: '    a.ctimeNs === b.ctimeNs &&\n', to: '' },
    ],
  },
  {
    name: 'an inode that is used again passes for a rename',
    patches: [
      {
        file: 'sync/newcomers.ts',
        from: '      if (row.local.stat.birthtimeNs !== newcomer.stat.birthtimeNs) continue;\n',
        to: '',
      },
      {
        file: 'sync/newcomers.ts',
        from: "{ kind: 'link', target: target ?? '' } : null;",
        to: "{ kind: 'link', target: target ?? '' } : (before?.content ?? null);",
      },
    ],
  },
  {
    name: 'a renamed file is taken for unchanged without a look',
    patches: [
      {
        file: 'sync/newcomers.ts',
        from: "{ kind: 'link', target: target ?? '' } : null;",
        to: "{ kind: 'link', target: target ?? '' } : (before?.content ?? null);",
      },
    ],
  },
  {
    name: 'what is about to happen on the disk is written down after it happened',
    story: SWAPPED_AND_CRASHED,
    patches: [
      {
        file: 'sync/apply-disk.ts',
        from: '  if (intents.length > 0) await record(session, { diskIntents: { put: intents } });\n  const results = await files.change(changes);\n',
        to: '  const results = await files.change(changes);\n  if (intents.length > 0) await record(session, { diskIntents: { put: intents } });\n',
      },
    ],
  },
  {
    name: 'the cursor goes ahead of what it stands for',
    steering: { troubles: ['crash'] },
    patches: [
      {
        file: 'sync/replay.ts',
        from: '  await record(session, batch);\n  return {',
        to: '  await record(session, { cursor: run.cursor });\n  await record(session, batch);\n  return {',
      },
    ],
  },
  {
    name: 'an entry whose outcome is unknown is forgotten instead of sent again',
    steering: { troubles: ['net'] },
    patches: [
      {
        file: 'sync/commit.ts',
        from: '    if (!isFinalAnswer(thrown)) throw thrown;',
        to: `    await record(session, { inFlight: null, rows: (await session.ports.store.rows(inFlight.nodes)).flatMap((row) => row?.local == null || row.remote !== null || row.local.kind === 'folder' ? [] : [{ ...row, local: null }, { ...row, node: toHex(session.ports.random.bytes(16)) as typeof row.node }]) });\n    if (!isFinalAnswer(thrown)) throw thrown;`,
      },
    ],
  },
  {
    name: 'a root that is not there passes for an empty one',
    steering: { troubles: ['root'] },
    patches: [
      {
        file: 'sync/scanner.ts',
        from: `if (root.outcome !== 'present') {\n      const code`,
        to: `if (root.outcome === 'replaced') {\n      const code`,
      },
      {
        file: 'sync/scanner.ts',
        from: 'rootStat = root.stat;',
        to: `rootStat = root.outcome === 'present' ? root.stat : null;`,
      },
      {
        file: 'sync/scanner.ts',
        from: `      else if (task.path !== '') hints.add(task.path);\n      return null;`,
        to: `      else if (task.path !== '') hints.add(task.path);\n      if (task.path !== '') return null;\n      return { folder: task.node, path: '', entries: [], known: await store.childrenOf('local', task.node), isComplete: true, isConfirming, device: null, unreadable: new Set() };`,
      },
      {
        file: 'sync/scanner.ts',
        from: `if ((await files.checkRoot()).outcome !== 'present') {\n      running = null;`,
        to: `if ((await files.checkRoot()).outcome === 'replaced') {\n      running = null;`,
      },
    ],
  },
  {
    name: 'a disk inside the root that is not mounted passes for an empty folder',
    steering: { troubles: ['life'], mounts: true },
    patches: [
      {
        file: 'sync/listed-folder.ts',
        from: '      await raiseGone(session, task);\n      return null;\n',
        to: '',
      },
    ],
  },
  {
    name: 'what comes for a disk inside the root that is not mounted is put where it should be',
    steering: { troubles: ['life'], mounts: true },
    patches: [
      {
        file: 'sync/disk-steps.ts',
        from: 'return volumes.get(folder) ?? rows.get(folder)?.local?.stat.device;',
        to: 'return folder === ROOT_NODE ? volumes.get(folder) : undefined;',
      },
    ],
  },
  {
    name: 'what was written here passes for an edit of the user, and is sent as one',
    patches: [
      { file: 'sync/disk-results.ts', from: 'content: isOurs ? remote.content : null', to: 'content: null' },
      {
        file: 'sync/synced-as.ts',
        from: '    content: remote.content,\n    contentVersion: remote.contentVersion,',
        to: '    content: before?.content ?? null,\n    contentVersion: remote.contentVersion,',
      },
      {
        file: 'sync/draft.ts',
        from: `known?.kind === 'file' && known.contentId === contentId`,
        to: `known?.kind === 'link' && known.target === contentId`,
      },
    ],
  },
  {
    name: 'a file put in place before a crash passes for an edit made here',
    story: FETCHED_AND_CRASHED,
    patches: [
      {
        file: 'sync/settle-outcomes.ts',
        from: `if (found.kind !== was.kind || (was.kind !== 'folder' && found.inode !== inode)) return [];`,
        to: 'if (found.kind !== null) return [];',
      },
    ],
  },
  {
    name: 'what becomes ignored is deleted elsewhere',
    story: IGNORED_LATER,
    patches: [
      {
        file: 'sync/scan-folder.ts',
        from: '        byName.delete(entry.name);\n        if (known !== undefined && isOnlyHere(known)) untracked.push(known);\n',
        to: '        standing.delete(entry.name);\n',
      },
      {
        file: 'sync/scan-folder.ts',
        from: `      if (session.rules(joinPath(sighting.path, name), row.local!.kind === 'folder')) byName.delete(name);`,
        to: '      session.rules(joinPath(sighting.path, name), false);',
      },
      {
        file: 'core/plan.ts',
        from: `  if (isIgnored(planner, row)) return void waiting.set(row.node, 'ignored');\n`,
        to: '  isIgnored(planner, row);\n',
      },
    ],
  },
  {
    name: 'a full queue of hints is no matter, and waiting for rest looks at nothing itself',
    story: UNHEARD,
    patches: [
      { file: 'sync/sync-wait.ts', from: 'const scanNumber = runner.requestFull();', to: 'const scanNumber = 0;' },
      {
        file: 'sync/engine.ts',
        from: '        scanAll();\n      });',
        to: '      });',
      },
    ],
  },
  {
    name: 'a state that is older than its device is believed',
    steering: { troubles: ['state', 'life'] },
    patches: [{ file: 'sync/replay-run.ts', from: '    run.isStateOld = true;', to: '    run.isStateOld = false;' }],
  },
  {
    name: 'a server that was restored is gone on with, unasked',
    story: SERVER_RESTORED,
    patches: [
      {
        file: 'sync/pull.ts',
        from: 'if (head.recoveryEpoch !== cursor.recoveryEpoch) {\n    throw restored();\n  }',
        to: '',
      },
      {
        file: 'sync/pull.ts',
        from: 'if (recoveryEpoch !== session.cursor.recoveryEpoch) throw restored();',
        to: 'if (recoveryEpoch < 0) throw restored();',
      },
    ],
  },
  {
    name: 'staging is swept after a crash without a look at what is in it',
    steering: { troubles: ['crash', 'race'] },
    patches: [
      {
        file: 'sync/settle.ts',
        from: '!keep.has(path) && path !== partial && readTaken(path) === null',
        to: 'path !== partial || keep.has(path)',
      },
      {
        file: 'sync/settle.ts',
        from: 'await settleIntents(session, await store.diskIntents());\n  await session.displaced.look();',
        to: '{ keep: new Set<string>(), isExplained: true };\n  await store.diskIntents();',
      },
    ],
  },
  {
    name: 'what a program writes to a file that was replaced is thrown away',
    steering: { troubles: ['writer'] },
    patches: [
      {
        file: 'sync/displaced.ts',
        from: 'const isUntouched = stat === null || (stat.sizeBytes === item.sizeBytes && stat.mtimeNs === item.mtimeNs);',
        to: 'const isUntouched = stat === null || stat.sizeBytes >= 0;',
      },
    ],
  },
  {
    name: 'Synced moves although only one side holds the content',
    patches: [
      {
        file: 'core/agree.ts',
        from: 'return local.content !== null && sameContent(local.content, remote.content);',
        to: 'return local.content === null || sameContent(local.content, remote.content);',
      },
    ],
  },
  {
    name: 'a folder deleted elsewhere goes with what came into it here',
    patches: [
      {
        file: 'core/plan-up.ts',
        from: '  if (folder.local !== null) planner.rekey.add(parent);\n',
        to: '',
      },
    ],
  },
  {
    name: 'one name of a file with several passes for the file renamed',
    patches: [
      {
        file: 'sync/newcomers.ts',
        from: "stat.birthtimeNs !== 0n && (stat.kind === 'folder' || stat.linkCount === 1),",
        to: 'stat.birthtimeNs !== 0n,',
      },
      {
        file: 'sync/newcomers.ts',
        from: 'const isVacated = at === null ||',
        to: 'const isVacated = at === null || newcomer.stat.linkCount > 1 ||',
      },
    ],
  },
  {
    name: 'a change is based on what the journal says by now, not on what was seen of it',
    steering: { troubles: ['race'] },
    patches: [
      {
        file: 'sync/commit.ts',
        from: '  const said: ReadyUnit[] = [];',
        to: '  if (session.line !== null) await requirePull(session);\n  const nowRows = await store.rows(draft.units.map(({ row }) => row.node));\n  draft = { ...draft, units: draft.units.map((unit, i) => ({ ...unit, row: { ...unit.row, remote: nowRows[i]?.remote ?? unit.row.remote } })) };\n  const said: ReadyUnit[] = [];',
      },
      {
        file: 'sync/commit.ts',
        from: 'const cursor = session.cursor!;\n  const replacing',
        to: 'await requirePull(session);\n  const cursor = session.cursor!;\n  const replacing',
      },
    ],
  },
];
