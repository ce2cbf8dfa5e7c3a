import { OnefoldError } from '@onefold/protocol';
import type { PlaceArgs } from './shapes.ts';

/* Calls whose shapes are agreed, and which the engine does not answer yet. */

export interface Listed {
  limit?: number | undefined;
  after?: string | undefined;
}

export interface RulesArgs {
  folder?: string | undefined;
  in?: string | undefined;
  text: string;
}

export interface RuleEffect {
  path: string;
  kind: 'file' | 'folder' | 'link';
  sizeBytes: number;
  becomes: 'ignored' | 'synced';
  isTracked: boolean;
}

export type Direction = 'two-way' | 'send-only' | 'receive-only';

export interface Difference {
  path: string;
  kind: 'file' | 'folder' | 'link';
  sizeBytes: number;
  difference: 'only-here' | 'only-there' | 'edited' | 'moved' | 'attributes';
}

export interface NextCalls {
  rules(args: { folder?: string | undefined }): Promise<{ files: { in: string; text: string }[]; builtIn: string[] }>;
  setRules(args: RulesArgs & { was?: string | null | undefined }): Promise<Record<string, never>>;
  previewRules(args: RulesArgs & Listed): Promise<{ effects: RuleEffect[]; next?: string }>;
  checkRule(
    args: PlaceArgs & { path: string },
  ): Promise<{ isIgnored: boolean; rule?: { in: string | null; line: number; pattern: string } }>;
  oneWay(
    args: { folder?: string | undefined } & Listed,
  ): Promise<{ mode: Direction; total: number; differences: Difference[]; next?: string }>;
  setOneWay(args: { folder?: string | undefined; mode: Direction }): Promise<Record<string, never>>;
  settleOneWay(args: { folder?: string | undefined }): Promise<{ count: number }>;
}

function notYet(): Promise<never> {
  return Promise.reject(new OnefoldError('unsupported-version', 'this daemon does not do this yet'));
}

export const NEXT_CALLS: NextCalls = {
  rules: notYet,
  setRules: notYet,
  previewRules: notYet,
  checkRule: notYet,
  oneWay: notYet,
  setOneWay: notYet,
  settleOneWay: notYet,
};
