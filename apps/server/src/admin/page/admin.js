// The page of whoever runs the server. Plain DOM: it shows one answer of /api/overview, and asks again.

const REFRESH_MS = 3_000;
const GIB = 1024 ** 3;
const TOKEN = 'onefold-admin-token';

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** The server has answered, and not with what was asked. */
class Refusal extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`${status}`);
    this.status = status;
  }
}

/**
 * @param {string} path
 * @param {unknown} [body]
 */
async function ask(path, body) {
  const response = await fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${sessionStorage.getItem(TOKEN) ?? ''}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Refusal(response.status);
  return response.json();
}

/** @param {number} bytes */
function size(bytes) {
  for (const [unit, name] of /** @type {const} */ ([
    [GIB * 1024, 'TiB'],
    [GIB, 'GiB'],
    [1024 ** 2, 'MiB'],
    [1024, 'KiB'],
  ]))
    if (bytes >= unit) return `${(bytes / unit).toFixed(1)} ${name}`;
  return `${bytes} B`;
}

/**
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} inside
 */
function element(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

/**
 * @param {number} count
 * @param {string} what
 */
const counted = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** @param {{ answered: number, refused: number, failed: number }[]} calls */
function ofTheHour(calls) {
  const failed = calls.reduce((sum, minute) => sum + minute.failed, 0);
  return { failed, all: calls.reduce((sum, { answered, refused }) => sum + answered + refused, failed) };
}

/**
 * What an operator should look after, the worst first.
 * @param {any} overview
 */
function amissIn({ storage, calls, jobs }) {
  const { failed } = ofTheHour(calls);
  const failedJobs = jobs.filter((/** @type {any} */ job) => job.hasFailed).map((/** @type {any} */ job) => job.name);
  return [
    storage.lostBlocks > 0 ? counted(storage.lostBlocks, 'damaged block') : '',
    storage.isNearlyFull ? 'The disk is nearly full' : '',
    failed > 0 ? `${counted(failed, 'failed call')} in the last hour` : '',
    failedJobs.length > 0 ? `Background work failed: ${failedJobs.join(', ')}` : '',
  ].filter((line) => line !== '');
}

/** @param {any} overview */
function show(overview) {
  const { users, storage, connections, calls, jobs, isOneOfMany } = overview;
  at('truth').textContent = amissIn(overview).join('. ') || 'All is well';
  at('one-of-many').hidden = !isOneOfMany;
  const { failed, all } = ofTheHour(calls);
  const figures = [
    ['Users', users.length],
    ['Online devices', connections.devices],
    ['Open sockets and polls', connections.listeners],
    ['Calls, last hour', all],
    ['Failed of them', failed === 0 ? 0 : `${failed} (${((failed / all) * 100).toPrecision(2)} %)`],
    ['Stored', size(storage.packBytes)],
    ['Packs', storage.packs],
    ['Blocks', storage.blocks],
    ['Condemned blocks', storage.condemnedBlocks],
    ['Damaged blocks', storage.lostBlocks],
    ...(storage.freeBytes === null ? [] : [['Room on the disk', size(storage.freeBytes)]]),
  ];
  const isAmiss = (/** @type {unknown} */ name, /** @type {unknown} */ value) =>
    name === 'Damaged blocks' || name === 'Failed of them'
      ? value !== 0
      : name === 'Room on the disk' && storage.isNearlyFull;
  at('figures').replaceChildren(
    ...figures.map(([name, value]) =>
      element(
        'div',
        {},
        element('dt', {}, String(name)),
        element('dd', isAmiss(name, value) ? { class: 'amiss' } : {}, String(value)),
      ),
    ),
  );
  showCalls(calls);
  // A field that is being typed in stays as it is.
  if (!(document.activeElement instanceof HTMLInputElement && at('users').contains(document.activeElement)))
    at('users').replaceChildren(...users.map(userRow));
  at('jobs').replaceChildren(...jobs.map(jobRow));
}

/** @param {{ answered: number, refused: number, failed: number }[]} calls */
function showCalls(calls) {
  const highest = Math.max(0, ...calls.map(({ answered, refused, failed }) => answered + refused + failed));
  const most = Math.max(1, highest);
  const bar = (
    /** @type {number} */ i,
    /** @type {number} */ from,
    /** @type {number} */ count,
    /** @type {string} */ kind,
  ) => {
    const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    const height = (count / most) * 76;
    for (const [key, value] of Object.entries({ x: i * 10 + 1, y: 80 - from - height, width: 8, height, class: kind }))
      rect.setAttribute(key, String(value));
    return rect;
  };
  at('most-calls').textContent = highest === 0 ? 'None yet.' : `The tallest stands for ${most}.`;
  at('calls').replaceChildren(
    ...calls.flatMap(({ answered, refused, failed }, i) => [
      bar(i, 0, failed, 'failed'),
      bar(i, (failed / most) * 76, answered + refused, 'answered'),
    ]),
  );
}

/** @param {any} user */
function userRow({ email, devices, usedBytes, quotaBytes }) {
  const input = /** @type {HTMLInputElement} */ (
    element('input', {
      type: 'number',
      min: '0',
      step: 'any',
      'aria-label': `Quota of ${email} in GiB`,
      placeholder: 'GiB',
    })
  );
  const form = element('form', {}, input, element('button', {}, 'Set'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const bytes = input.value === '' ? null : Math.round(Number(input.value) * GIB);
    input.blur();
    ask('api/quota', { email, quotaBytes: bytes }).then(refresh, failed);
  });
  const quota = quotaBytes === null ? 'none' : size(quotaBytes);
  return element(
    'tr',
    {},
    ...[email, devices, size(usedBytes), quota].map((text) => element('td', {}, String(text))),
    element('td', {}, form),
  );
}

/** @param {any} job */
function jobRow({ name, startedAtMs, tookMs, hasFailed, runs }) {
  const button = element('button', { type: 'button', 'aria-label': `Run now: ${name}` }, 'Run now');
  button.addEventListener('click', () => void ask('api/jobs/run', { name }).then(refresh, failed));
  return element(
    'tr',
    {},
    element('td', {}, name),
    element('td', {}, runs === 0 ? 'not yet' : new Date(startedAtMs).toLocaleTimeString()),
    element('td', {}, runs === 0 ? '' : `${Math.round(tookMs)} ms`),
    element('td', hasFailed ? { class: 'failed' } : {}, runs === 0 ? '' : hasFailed ? 'failed' : 'done'),
    element('td', {}, button),
  );
}

/** @param {unknown} thrown */
function failed(thrown) {
  const status = thrown instanceof Refusal ? thrown.status : 0;
  if (status !== 401) {
    at('truth').textContent =
      status === 0
        ? 'The server does not answer'
        : status === 429
          ? 'Too many wrong tokens: wait a minute'
          : `The server could not do that (${status})`;
    return;
  }
  at('refused').hidden = sessionStorage.getItem(TOKEN) === null;
  sessionStorage.removeItem(TOKEN);
  at('truth').textContent = 'Not signed in';
  at('sign-in').hidden = false;
  at('overview').hidden = true;
  for (const id of ['users', 'figures', 'jobs', 'calls']) at(id).replaceChildren();
}

let isAsking = false;

async function refresh() {
  // A server that is slow to answer is not asked for the same once more meanwhile.
  if (sessionStorage.getItem(TOKEN) === null || isAsking) return;
  isAsking = true;
  try {
    const overview = await ask('api/overview').finally(() => (isAsking = false));
    show(overview);
    at('sign-in').hidden = true;
    at('refused').hidden = true;
    at('overview').hidden = false;
  } catch (thrown) {
    failed(thrown);
  }
}

at('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (at('token'));
  sessionStorage.setItem(TOKEN, input.value.trim());
  input.value = '';
  void refresh();
});
const dark = matchMedia('(prefers-color-scheme: dark)');
const paint = () => (document.documentElement.dataset['theme'] = dark.matches ? 'dark' : 'light');
dark.addEventListener('change', paint);
paint();
setInterval(() => void refresh(), REFRESH_MS);
void refresh();
