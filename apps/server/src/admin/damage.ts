/** Something that is not as it must be. Texts name ids only. */
export interface Damage {
  readonly what: 'chain' | 'journal' | 'state' | 'block' | 'pack';
  readonly text: string;
}

export type Note = (what: Damage['what'], text: string) => void;
