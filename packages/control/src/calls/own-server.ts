import * as z from 'zod';
import { done, nothing } from './shapes.ts';

const reachSchema = z.enum(['here', 'network']);

/** The server that this computer runs for its user. */
export const ownServerSchema = z.object({
  /** As every device of the account has it. */
  address: z.string(),
  /** `here`: no other computer reaches it. `network`: all that are in one network with this one. */
  reach: reachSchema,
  isRunning: z.boolean(),
  /** False: the computer has another address in its network now, and other devices look for it at the old one. */
  isAtAddress: z.boolean(),
  /** Where everything is that it keeps. */
  folder: z.string(),
});

const result = z.object({
  server: ownServerSchema.nullable(),
  /** False: the server's program is not installed beside this one. */
  canStart: z.boolean(),
});

/** Answered whether or not the home has an account: the first account may be made at this server. */
export const OWN_SERVER_CALLS = {
  ownServer: { args: nothing, result },
  /**
   * Answered once it can be called. It runs from now on whenever this process, or the next one of this home, does, and takes one account. One that runs gets the
   * new reach, and keeps its address in the account's devices. Throws `invalid-argument` where the program is missing or there is no network.
   */
  startServer: { args: z.strictObject({ reach: reachSchema }), result },
  /** Ends it for good. What it keeps stays in its folder. */
  stopServer: { args: nothing, result: done },
} as const;

export type OwnServer = z.infer<typeof ownServerSchema>;
export type ServerReach = z.infer<typeof reachSchema>;
