import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

const DELAY_MS = 500;

export function TooltipProvider({ children }: { readonly children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={DELAY_MS} skipDelayDuration={200}>
      {children}
    </Radix.Provider>
  );
}

interface TooltipProps {
  readonly text: string;
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  /** `narrow`: only where the rail shows no words. */
  readonly isFor?: 'all' | 'narrow';
  /** One element that can have the focus. */
  readonly children: ReactNode;
}

/** Says what its element is, on hover and on focus. The element has that name by itself too. */
export function Tooltip({ text, side = 'top', isFor = 'all', children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          className={isFor === 'narrow' ? 'tooltip tooltip-narrow' : 'tooltip'}
          side={side}
          sideOffset={6}
          collisionPadding={8}
        >
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
