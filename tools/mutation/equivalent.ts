/*
 * Mutants of the core that no test can notice, each with the reason. `npm run mutation` holds what survived against this; a line that is not in the
 * source any more fails equivalent.test.ts.
 */

export interface Equivalent {
  readonly file: string;
  /** The line of the source, without the space around it. */
  readonly line: string;
  /** What Stryker puts in place of something in that line; all that it may where this is not given. */
  readonly to?: readonly string[];
  readonly why: string;
}

export const EQUIVALENT: readonly Equivalent[] = [
  {
    file: 'conflict-name',
    line: String.raw`const MARK = /^(.*) \(conflict, (.{1,64}), (\d{4})-(\d\d)-(\d\d) (\d\d)\.(\d\d)(?: \d+)?\)((?:\.[^.]*)?)$/su;`,
    why: 'what begins with anything at all begins at the beginning',
  },
  {
    file: 'ignore',
    line: 'if (known === undefined) {',
    to: ['true'],
    why: 'what is known of a folder saves the look at its rules, and is what they say',
  },
  { file: 'ignore', line: 'if (folders.size > 10_000) folders.clear();', why: 'what is forgotten is found out again' },
  { file: 'ignore', line: 'folders.set(at, known);', why: 'what is forgotten is found out again' },
  { file: 'ignore', line: "if (path === '') return false;", why: 'no rule is about a name of no letters' },
  {
    file: 'ignore',
    line: 'if (matchers.length === 0) return names.some((name) => BUILT_IN.test(name));',
    to: ['false'],
    why: 'the short way where there are no rules: the long one says the same',
  },
  {
    file: 'ignore',
    line: "const end = inside.lastIndexOf('/', inside.length - 2);",
    to: ['""'],
    why: 'a longer path below a folder that is ignored is ignored, too, and takes the same folders back',
  },
  {
    file: 'ignore',
    line: "if (parent === '' || !ignore.test(parent).ignored) return ignore;",
    why: 'the short way: taking back what was not ignored changes nothing',
  },
  {
    file: 'ignore',
    line: 'if (known !== undefined) return known;',
    to: ['false'],
    why: 'what is kept of a folder saves making it again',
  },
  { file: 'ignore', line: 'within.set(parent, made);', why: 'what is forgotten is made again' },
  {
    file: 'names',
    line: 'if (!ANY_SURROGATE.test(name)) return encoder.encode(name);',
    to: ['false'],
    why: 'the short way for names of whole characters: the long one gives the same bytes',
  },
  {
    file: 'names',
    line: 'for (let at = 0; at < bytes.length;) {',
    to: ['at <= bytes.length'],
    why: 'behind the last byte there is no text',
  },
  {
    file: 'plan-view',
    line: 'if (known !== undefined) return known;',
    to: ['false'],
    why: 'what was found out once comes out the same again',
  },
  {
    file: 'plan-view',
    line: 'paths[side].set(from.node, result);',
    why: 'what was found out once comes out the same again',
  },
  {
    file: 'plan-view',
    line: 'return WEIGHT[a] >= WEIGHT[b] ? a : b;',
    to: ['WEIGHT[a] > WEIGHT[b]'],
    why: 'two of one weight are one verdict',
  },
  {
    file: 'turns',
    line: 'const ready: NodeId[] = [];',
    to: ['["Stryker was here"]'],
    why: 'a list that also holds a text holds nothing that is a node',
  },
  {
    file: 'turns',
    line: 'for (const node of waiters.get(event) ?? []) {',
    to: ['["Stryker was here"]'],
    why: 'a list that also holds a text holds nothing that is a node',
  },
  {
    file: 'turns',
    line: 'const path: NodeId[] = [];',
    to: ['["Stryker was here"]'],
    why: 'the circle is counted from where it begins, whatever comes before',
  },
  {
    file: 'search-names',
    line: 'if (ASCII.test(name)) return name.toLowerCase();',
    to: ['false'],
    why: 'the short way for plain letters: the long one gives the same',
  },
  {
    file: 'search-names',
    line: 'const ASCII = /^[\\x00-\\x7f]*$/;',
    why: 'the short way for plain letters: the long one gives the same',
  },
  {
    file: 'planner',
    line: 'for (let at = parent; at !== ROOT_NODE && !seen.has(at);) {',
    to: ['true'],
    why: 'the top folder is no row: looked up, it ends the way just as well',
  },
  {
    file: 'planner',
    line: 'if (at !== row && local !== null && synced !== null && !samePlace(local, synced)) return at;',
    to: ['true'],
    why: 'what is hidden there and not here was synced with nobody by then: agree.ts forgets that',
  },
  {
    file: 'planner',
    line: 'if (remote.hidden || remote.parent === ROOT_NODE) return null;',
    to: ['false'],
    why: 'the top folder is no row: looked up, it ends the way just as well',
  },
  {
    file: 'order-down',
    line: "if (view.row(item.node)!.local!.kind !== 'folder') return true;",
    to: ['false'],
    why: 'a file has no children',
  },
  {
    file: 'order-down',
    line: "return item.op === 'move' ? (chainHere(planner, item.parent, item.node) ?? []) : [];",
    to: ['true'],
    why: 'nothing lies in what is not here yet, and what goes to the trash has no folder to go to',
  },
  {
    file: 'order-down',
    line: "return item !== undefined && (item.op === 'trash' || item.parent !== parent);",
    to: ['false', '""'],
    why: 'what goes to the trash has no folder to go to, and so none that is the same',
  },
  {
    file: 'order-down',
    line: "if (item.op !== 'trash') happened(placed(node));",
    to: ['true', '""'],
    why: 'nobody waits for what goes to the trash to be placed',
  },
  {
    file: 'order-down',
    line: "const isFolder = view.row(item.node)!.local!.kind === 'folder';",
    to: ['true'],
    why: 'a file has no children',
  },
  {
    file: 'order-down',
    line: 'const passed: NodeId[] = [];',
    why: 'a list that also holds a text holds nothing that is a node',
  },
  {
    file: 'order-down',
    line: 'for (const node of passed) nearest.set(node, result);',
    why: 'what was found out once comes out the same again',
  },
  {
    file: 'order-up',
    line: 'const needed = parent === ROOT_NODE ? after : [...after, parent];',
    to: ['false'],
    why: 'the top folder is no row: looked up, it ends the way just as well',
  },
  {
    file: 'order-up',
    line: 'const missing = needed.filter((at) => !up.has(at)).flatMap((at) => view.row(at) ?? []);',
    to: ['["Stryker was here"]'],
    why: 'a list that also holds a text holds nothing that is a node',
  },
  {
    file: 'order-up',
    line: 'return whyLeftAlone(planner, [...missing, ...(chainSent(planner, parent, node) ?? [])]);',
    to: ['["Stryker was here"]'],
    why: 'a list that also holds a text holds nothing that is a node',
  },
  {
    file: 'order-up',
    line: 'for (let from = 0; from < operations.length;) {',
    to: ['from <= operations.length'],
    why: 'behind the last operation there is none to stand alone',
  },
  {
    file: 'order-up',
    line: 'if (circle.some((node) => opened.has(node))) return open(circle, take);',
    to: ['circle.every(node => opened.has(node))'],
    why: 'circles are opened whole',
  },
  {
    file: 'order-up',
    line: 'const passed: NodeId[] = [];',
    why: 'a list that also holds a text holds nothing that is a node',
  },
  {
    file: 'order-up',
    line: "const known = item === undefined || item.place === 'hide' ? nearest.get(at) : at;",
    to: ['false', '""'],
    why: 'nothing is placed in what is hidden: dropUnmetUps has taken that out',
  },
  {
    file: 'order-up',
    line: 'passed.push(at);',
    why: 'what was found out once comes out the same again',
  },
  {
    file: 'order-up',
    line: 'at = row === undefined ? ROOT_NODE : parentSent(planner, row);',
    to: ['false'],
    why: 'a folder that nothing is known of was taken out before',
  },
  {
    file: 'order-up',
    line: 'for (const node of passed) nearest.set(node, result);',
    why: 'what was found out once comes out the same again',
  },
  {
    file: 'order-up',
    line: '...(as === undefined ? {} : { as }),',
    to: ['false'],
    why: 'undefined is as good as absent',
  },
  {
    file: 'order-up',
    line: 'for (let at = view.row(node); at !== undefined && depth < MAX_DEPTH; depth++) {',
    to: ['true', 'depth <= MAX_DEPTH'],
    why: 'folders that go round in a circle were taken out before',
  },
  {
    file: 'order-up',
    line: 'at = parent === ROOT_NODE ? undefined : view.row(parent);',
    to: ['false'],
    why: 'the top folder is no row: looked up, it ends the way just as well',
  },
  {
    file: 'plan-down',
    line: 'if (down.has(folder.node)) return false;',
    to: ['false', 'true'],
    why: 'planned once more it is the same',
  },
  {
    file: 'plan-down',
    line: 'if (row.local === null) return null;',
    to: ['false'],
    why: 'nothing lies in what is not here yet',
  },
  {
    file: 'plan-down',
    line: "const isLeaving = item !== undefined && (item.op === 'trash' || item.parent !== row.node);",
    to: ['false', '""'],
    why: 'what goes to the trash has no folder to go to, and so none that is the same',
  },
  {
    file: 'plan-down',
    line: "if (item !== undefined && (item.op === 'trash' || item.parent !== row.node)) continue;",
    to: ['false', '""'],
    why: 'what goes to the trash has no folder to go to, and so none that is the same',
  },
  {
    file: 'plan',
    line: "if (view.needs.length > 0) return { outcome: 'needs', needs: view.needs };",
    to: ['false'],
    why: 'what is missing is asked for after the turns as well: these only are for nothing then',
  },
  {
    file: 'plan',
    line: "case 'none':",
    why: 'there the choice ends anyway',
  },
  {
    file: 'plan',
    line: "case 'drop':",
    why: 'there the choice ends anyway',
  },
  {
    file: 'plan',
    line: "if (attributes !== 'same') planner.attributes.set(node, attributes);",
    to: ['true', '""'],
    why: 'what is the same is neither up nor down',
  },
  {
    file: 'plan-up',
    line: 'const movers = view.movers(row.node).flatMap((node) => view.row(node) ?? []);',
    to: ['["Stryker was here"]'],
    why: 'a plan for which something was not loaded is thrown away',
  },
  {
    file: 'plan-up',
    line: 'for (let at = row.local!.parent; at !== ROOT_NODE && !passed.has(at);) {',
    to: ['true'],
    why: 'the top folder is no row: looked up, it ends the way just as well',
  },
  {
    file: 'plan-up',
    line: "if (remote.kind === 'folder') {",
    to: ['true'],
    why: 'nothing is in a file',
  },
  {
    file: 'plan-up',
    line: 'const above = remote.parent === ROOT_NODE ? undefined : view.row(remote.parent);',
    to: ['false'],
    why: 'the top folder is no row: looked up, it ends the way just as well',
  },
];
