import { readFileSync } from 'node:fs';
import { OnefoldError } from '@onefold/protocol';
import { environmentName, fieldPaths, textPaths, unknownVariables } from './config-errors.ts';
import { configSchema, resolveConfig, type ServerConfig } from './config.ts';

/** Names of the environment that are none of a field. */
const SHORT_NAMES = ['ONEFOLD_SERVER_CONFIG', 'ONEFOLD_SERVER_POSTGRES', 'ONEFOLD_SERVER_REDIS'];

/** The file's fields, then the environment's, then those given by the command line, the last one winning. Throws `invalid-argument`. */
export function loadConfig(
  given: { readonly data?: string; readonly listen?: string; readonly config?: string },
  environment: NodeJS.ProcessEnv,
): ServerConfig {
  const unknown = unknownVariables(environment, [...SHORT_NAMES, ...fieldPaths(configSchema).map(environmentName)]);
  if (unknown !== '') throw new OnefoldError('invalid-argument', unknown);
  const file = given.config ?? environment['ONEFOLD_SERVER_CONFIG'];
  return resolveConfig({
    ...merged(file === undefined ? {} : readConfigFile(file), fromEnvironment(environment)),
    ...withoutUndefined({ data: given.data, listen: given.listen }),
  });
}

/** Every field under its environmentName; what is not text there is JSON. */
function fromEnvironment(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const texts = textPaths(configSchema);
  for (const path of fieldPaths(configSchema)) {
    const text = environment[environmentName(path)];
    if (text === undefined) continue;
    const names = path.split('.');
    const last = names.pop() ?? path;
    let at = fields;
    for (const name of names) at = (at[name] ??= {}) as Record<string, unknown>;
    at[last] = !texts.has(path) && /^(-?\d+|true|false|null|[[{].*)$/s.test(text) ? parsedOr(text) : text;
  }
  return merged(fields, withoutUndefined(engineAddresses(environment)));
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Inner objects field by field. */
function merged(under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const result = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const below = under[name];
    result[name] = isRecord(below) && isRecord(value) ? merged(below, value) : value;
  }
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where the engines of a server of many nodes are; passwords are better kept here than in a file. */
function engineAddresses(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  const postgres = environment['ONEFOLD_SERVER_POSTGRES'];
  const redis = environment['ONEFOLD_SERVER_REDIS'];
  const bucket = environment['ONEFOLD_SERVER_S3_BUCKET'];
  const s3 = withoutUndefined({
    bucket,
    endpoint: environment['ONEFOLD_SERVER_S3_ENDPOINT'],
    region: environment['ONEFOLD_SERVER_S3_REGION'],
    prefix: environment['ONEFOLD_SERVER_S3_PREFIX'],
    accessKeyId: environment['ONEFOLD_SERVER_S3_ACCESS_KEY_ID'],
    secretAccessKey: environment['ONEFOLD_SERVER_S3_SECRET_ACCESS_KEY'],
  });
  return {
    postgres: postgres === undefined ? undefined : { urls: postgres.trim().split(/\s+/) },
    redis: redis === undefined ? undefined : { url: redis },
    s3: bucket === undefined ? undefined : s3,
  };
}

/** Line and column of what JSON.parse stumbled over, where it tells. */
function placeOf(thrown: unknown, text: string): string {
  const position = / at position (\d+)/.exec(String(thrown))?.[1];
  if (position === undefined) return ', or ends too early';
  const before = text.slice(0, Number(position));
  return `: line ${before.split('\n').length}, column ${before.length - before.lastIndexOf('\n')}`;
}

function readConfigFile(file: string): Record<string, unknown> {
  let text: string;
  let parsed: unknown;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not there' : String(cause);
    throw new OnefoldError('invalid-argument', `the configuration file ${file} cannot be read: ${reason}`, { cause });
  }
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    // Never Node's own words: they quote the text around, which may be a password.
    throw new OnefoldError('invalid-argument', `the configuration file ${file} is not JSON${placeOf(cause, text)}`, {
      cause,
    });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new OnefoldError('invalid-argument', `the configuration file ${file} holds no JSON object`);
  // For editors: config.schema.json, wherever it lies there.
  const { $schema: _, ...fields } = parsed as Record<string, unknown>;
  return fields;
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
