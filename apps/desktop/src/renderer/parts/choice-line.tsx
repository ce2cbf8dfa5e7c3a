import { useId } from 'react';
import { Segments } from './segments.tsx';
import type { Segment } from './segments.tsx';

interface ChoiceLineProps<V extends string> {
  readonly title: string;
  readonly value: V;
  readonly options: readonly Segment<V>[];
  readonly onChange: (value: V) => void;
}

/** One choice of a few: its name at the left, the choices at the right. */
export function ChoiceLine<V extends string>({ title, value, options, onChange }: ChoiceLineProps<V>) {
  const id = useId();
  return (
    <div className="setting-line">
      <span id={id}>{title}</span>
      <Segments labelledBy={id} {...{ value, options, onChange }} />
    </div>
  );
}
