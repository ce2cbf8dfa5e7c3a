import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { APP_CALLS } from './app-calls.ts';
import type { AppAnswer, AppCallName, AppHandlers } from './app-calls.ts';
import { describeIssues } from './messages.ts';

/** Validates a call of the page to the app by the table, and answers it. Never rejects. */
export async function answerAppCall(handlers: AppHandlers, name: unknown, args: unknown): Promise<AppAnswer> {
  try {
    if (typeof name !== 'string' || !Object.hasOwn(APP_CALLS, name))
      throw new OnefoldError('invalid-argument', 'no such call of the app');
    const call = name as AppCallName;
    const parsed = APP_CALLS[call].args.safeParse(args);
    if (!parsed.success) throw new OnefoldError('invalid-argument', `${call}: ${describeIssues(parsed.error)}`);
    // The table ties the arguments to the handler of the same name; TypeScript cannot follow that through a variable name.
    const handler = handlers[call] as (args: unknown) => unknown;
    const result = APP_CALLS[call].result.safeParse(await handler(parsed.data));
    if (!result.success) throw new OnefoldError('internal', `${call}: ${describeIssues(result.error)}`);
    return { ok: true, result: result.data };
  } catch (thrown) {
    return { ok: false, error: toOnefoldError(thrown).toReport() };
  }
}
