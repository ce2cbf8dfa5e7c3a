import type { ReactNode } from 'react';
import { Icon } from './icons.tsx';
import type { IconName } from './icons.tsx';

interface EmptyStateProps {
  readonly icon: IconName;
  /** One line that teaches. */
  readonly text: string;
  /** One button. */
  readonly action?: ReactNode;
}

export function EmptyState({ icon, text, action }: EmptyStateProps) {
  return (
    <div className="empty-state">
      <Icon name={icon} sizePx={24} />
      <p>{text}</p>
      {action}
    </div>
  );
}
