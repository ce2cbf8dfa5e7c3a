/** Numbered steps, never edited once released: a database remembers the hash of each step it took. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** `{{bytes}}`, `{{integer}}` and `{{clustered}}` stand for the engine's own words. */
  readonly statements: readonly string[];
  /** Tables that refuse UPDATE and DELETE from here on. */
  readonly appendOnly: readonly string[];
  /** Of those, tables that from here on let a transaction delete rows while it holds a purge permit. */
  readonly purgeable?: readonly string[];
}
