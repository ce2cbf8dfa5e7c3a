import { RadioGroup } from 'radix-ui';
import { Icon } from './icons.tsx';
import type { IconName } from './icons.tsx';

export interface Segment<V extends string> {
  readonly value: V;
  readonly word: string;
  readonly icon?: IconName;
  /** Where the word is in a language of its own. */
  readonly lang?: string;
}

interface SegmentsProps<V extends string> {
  readonly labelledBy?: string;
  readonly label?: string;
  readonly value: V;
  readonly options: readonly Segment<V>[];
  readonly onChange: (value: V) => void;
}

/** A few choices beside each other, one of them taken. */
export function Segments<V extends string>({ labelledBy, label, value, options, onChange }: SegmentsProps<V>) {
  return (
    <RadioGroup.Root
      className="segments"
      orientation="horizontal"
      value={value}
      onValueChange={(chosen) => onChange(chosen as V)}
      {...(labelledBy === undefined ? { 'aria-label': label } : { 'aria-labelledby': labelledBy })}
    >
      {options.map(({ value: option, word, icon, lang }) => (
        <RadioGroup.Item key={option} value={option} className="segment" {...(lang === undefined ? {} : { lang })}>
          {icon !== undefined && <Icon name={icon} sizePx={16} />}
          {word}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
