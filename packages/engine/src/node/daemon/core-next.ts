import { OnefoldError } from '@onefold/protocol';

/* Calls whose shapes are agreed, and which the engine does not answer yet. */

export interface Listed {
  limit?: number | undefined;
  after?: string | undefined;
}

export type Direction = 'two-way' | 'send-only' | 'receive-only';

export interface Difference {
  path: string;
  kind: 'file' | 'folder' | 'link';
  sizeBytes: number;
  difference: 'only-here' | 'only-there' | 'edited' | 'moved' | 'attributes';
}

export interface NextCalls {
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
  oneWay: notYet,
  setOneWay: notYet,
  settleOneWay: notYet,
};
