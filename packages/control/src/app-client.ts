import { OnefoldError, fromReport } from '@onefold/protocol';
import { APP_CALLS } from './app-calls.ts';
import type { AppAnswer, AppCallArgs, AppCallName, AppCallResult } from './app-calls.ts';

/** The page's end of the calls to the desktop app. Rejects with the app's own error, or `internal` for an answer the table does not know. */
export function createAppClient(ask: (name: string, args: unknown) => Promise<unknown>) {
  return {
    async call<N extends AppCallName>(name: N, args: AppCallArgs<N>): Promise<AppCallResult<N>> {
      const answer = (await ask(name, args)) as AppAnswer;
      if (!answer.ok) throw fromReport(answer.error);
      const parsed = APP_CALLS[name].result.safeParse(answer.result);
      if (!parsed.success) throw new OnefoldError('internal', `${name}: not an answer`);
      return parsed.data as AppCallResult<N>;
    },
  };
}

export type AppClient = ReturnType<typeof createAppClient>;
