import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './button.tsx';
import { Icon } from './icons.tsx';

interface SearchInputProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly inputRef?: RefObject<HTMLInputElement | null>;
}

export function SearchInput({ label, value, onValue, inputRef }: SearchInputProps) {
  const { t } = useTranslation();
  return (
    <span className="search">
      <Icon name="search" sizePx={16} />
      <input
        {...(inputRef === undefined ? {} : { ref: inputRef })}
        className="input"
        type="text"
        role="searchbox"
        aria-label={label}
        placeholder={label}
        spellCheck={false}
        autoComplete="off"
        value={value}
        onChange={(event) => onValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') onValue('');
        }}
      />
      {value !== '' && <IconButton icon="close" label={t('action.clear')} onClick={() => onValue('')} />}
    </span>
  );
}
