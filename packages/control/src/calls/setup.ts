import * as z from 'zod';
import { deviceNameSchema } from './devices.ts';
import { done, nothing } from './shapes.ts';

export const serverAddressSchema = z
  .string()
  .trim()
  .max(2_048)
  .regex(/^https?:\/\/[^\s/]/);
export const emailTextSchema = z
  .string()
  .trim()
  .min(3)
  .max(254)
  .regex(/^[^\s@]+@[^\s@]+$/);
/** The page asks for more; this is what no new password may be below. */
export const LEAST_PASSWORD_LENGTH = 8;
export const newPasswordSchema = z.string().min(LEAST_PASSWORD_LENGTH).max(1_024);

/** What lets a person in besides the password. It exists on the person's paper alone: it is shown once, and kept nowhere. */
export const kitSchema = z.object({
  server: z.string(),
  email: z.string(),
  account: z.string(),
  secretKey: z.string(),
  /** The four above as text, for a file and for a QR code. */
  text: z.string(),
  /** 24 words for a sheet of their own; null where the phrase stays the one it was. */
  phrase: z.string().nullable(),
});

/*
 *   none --createAccount, recoverAccount--> kit --keepKit--> done
 *   none --signIn--> done
 *   none --linkHere--> linking --(the other device approves)--> done
 *   kit, linking --stopSetup--> none         linking --(time up, turned down, a server that meddles)--> failed --> like none
 *   done, locked --signOut--> none
 */
export const setupSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('none'),
    /** What this device might be called, and where the folder might stand. */
    deviceName: z.string(),
    folder: z.string(),
  }),
  /** The kit waits to be saved; the server has heard of nothing yet. */
  z.object({ kind: z.literal('kit'), kit: kitSchema }),
  z.object({
    kind: z.literal('linking'),
    /** To be compared with the other device; null until it has answered. */
    check: z.object({ checkWords: z.string(), email: z.string(), oldDeviceName: z.string() }).nullable(),
  }),
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
  /** An account is here whose keys the system's key store does not give out. */
  z.object({ kind: z.literal('locked') }),
  z.object({ kind: z.literal('done'), folder: z.string() }),
]);

const result = z.object({ setup: setupSchema });

/** Answered whether or not the home has an account, as `uiUrl`, `stop`, `settings`, `setSettings` and OWN_SERVER_CALLS; all others throw `not-logged-in` before. */
export const SETUP_CALLS = {
  setup: { args: nothing, result },
  /** Makes a kit and a recovery phrase. Throws `server-unreachable`, `invalid-argument`. */
  createAccount: {
    args: z.strictObject({
      server: serverAddressSchema,
      email: emailTextSchema,
      password: newPasswordSchema,
      deviceName: deviceNameSchema,
    }),
    result,
  },
  /** Takes an account over with its recovery phrase. Every other device is out once it is done. Throws `login-failed`, `invalid-argument`. */
  recoverAccount: {
    args: z.strictObject({
      server: serverAddressSchema,
      email: emailTextSchema,
      phrase: z.string().min(1).max(2_000),
      password: newPasswordSchema,
      deviceName: deviceNameSchema,
    }),
    result,
  },
  /** The kit is saved: now the account is made or taken over. May be called again after `back-off` errors. Throws `account-exists`, `forbidden`. */
  keepKit: { args: nothing, result },
  /** Throws `login-failed`, `login-throttled`, `invalid-argument` for a mistyped kit. */
  signIn: {
    args: z.strictObject({
      /** Whatever surrounds its four lines. */
      kit: z.string().max(10_000),
      password: z.string().min(1).max(1_024),
      deviceName: deviceNameSchema,
    }),
    result,
  },
  /** With the words that `startLinking` shows on a device of the account, or the text of its QR code. */
  linkHere: {
    args: z.strictObject({
      /** null with the text of a QR code. */
      server: serverAddressSchema.nullable(),
      words: z.string().min(1).max(2_048),
      deviceName: deviceNameSchema,
    }),
    result,
  },
  stopSetup: { args: nothing, result },
  /** Takes the account's keys off this device. Folders and what is in them stay; so does the device in the account. */
  signOut: { args: nothing, result: done },
  /**
   * Deletes the account and everything the server keeps of it, for good; then as `signOut`. Other devices of it keep their files and say what happened. Throws
   * `login-failed`, `login-throttled`, `invalid-argument` for a kit or an address of another account.
   */
  deleteAccount: {
    args: z.strictObject({
      /** Whatever surrounds its four lines. */
      kit: z.string().max(10_000),
      password: z.string().min(1).max(1_024),
      /** Of the account, typed by a person who means it. */
      email: emailTextSchema,
    }),
    result: done,
  },
} as const;

export type SetupState = z.infer<typeof setupSchema>;
export type EmergencyKit = z.infer<typeof kitSchema>;
