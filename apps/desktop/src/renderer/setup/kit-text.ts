/** The four lines of an Emergency Kit, as a person may have to type them. */
export interface TypedKit {
  readonly server: string;
  readonly email: string;
  readonly account: string;
  readonly secretKey: string;
}

const LINES = { server: 'Server', email: 'E-mail', account: 'Account', secretKey: 'Secret Key' } as const;

/** What of a kit can be found in a text; the engine decides whether it is one. */
export function findKit(text: string): TypedKit {
  const find = (name: string) => new RegExp(`^[ \\t]*${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, 'imu').exec(text)?.[1] ?? '';
  return {
    server: find(LINES.server),
    email: find(LINES.email),
    account: find(LINES.account),
    secretKey: find(LINES.secretKey),
  };
}

/** As the engine reads it. */
export function kitText(kit: TypedKit): string {
  return (Object.keys(LINES) as (keyof TypedKit)[]).map((name) => `${LINES[name]}: ${kit[name].trim()}`).join('\n');
}
