/** The token of an `authorization: Bearer TOKEN` header. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer ([\w.~+/-]{1,200}=*)$/i.exec(header ?? '')?.[1];
}
