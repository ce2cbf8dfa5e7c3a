import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Icon } from './icons.tsx';
import type { IconName } from './icons.tsx';
import { Tooltip } from './tooltip.tsx';

type ButtonAttributes = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'type'>;

interface ButtonProps extends ButtonAttributes {
  /** At most one `primary` a screen. `quiet` has no border, `danger` is for what cannot be undone. */
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly icon?: IconName;
  readonly type?: 'button' | 'submit';
  readonly children: ReactNode;
}

const CLASSES = {
  plain: 'button',
  primary: 'button button-primary',
  danger: 'button button-danger',
  quiet: 'button-quiet',
} as const;

export function Button({ kind = 'plain', icon, type = 'button', children, ...rest }: ButtonProps) {
  return (
    <button type={type} className={CLASSES[kind]} {...rest}>
      {icon !== undefined && <Icon name={icon} sizePx={16} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonAttributes {
  readonly icon: IconName;
  /** What it does: read aloud, and shown when it is pointed at. */
  readonly label: string;
}

/** A drawing that acts. */
export function IconButton({ icon, label, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <button type="button" className="button-icon" aria-label={label} {...rest}>
        <Icon name={icon} sizePx={16} />
      </button>
    </Tooltip>
  );
}
