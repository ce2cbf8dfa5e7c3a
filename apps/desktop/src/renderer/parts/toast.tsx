import { Toast as Radix } from 'radix-ui';
import { createContext, useCallback, useContext, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './button.tsx';

interface Told {
  readonly id: number;
  readonly text: string;
  readonly action: { readonly word: string; readonly onChoose: () => void } | null;
}

/** Says what was just done, with at most one thing to do about it, such as undo. Failures stand where they happened instead. */
export type Tell = (text: string, action?: Told['action']) => void;

const TellContext = createContext<Tell>(() => undefined);

export function useTell(): Tell {
  return useContext(TellContext);
}

const LASTS_MS = 6000;
/** Long enough to read it and to reach the button by keyboard (F8 goes to the list). */
const LASTS_WITH_ACTION_MS = 15_000;
const KEPT = 3;
let nextId = 1;

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const [told, setTold] = useState<readonly Told[]>([]);
  const tell = useCallback<Tell>((text, action = null) => {
    setTold((before) => [...before.slice(1 - KEPT), { id: nextId++, text, action }]);
  }, []);
  const take = useMemo(() => (id: number) => setTold((before) => before.filter((one) => one.id !== id)), []);
  return (
    <TellContext value={tell}>
      <Radix.Provider label={t('app.toast')} swipeDirection="right">
        {children}
        {told.map(({ id, text, action }) => (
          <Radix.Root
            key={id}
            className="toast"
            duration={action === null ? LASTS_MS : LASTS_WITH_ACTION_MS}
            onOpenChange={(isOpen) => {
              if (!isOpen) take(id);
            }}
          >
            <Radix.Description className="toast-text">{text}</Radix.Description>
            {action !== null && (
              <Radix.Action className="button-quiet" altText={action.word} onClick={action.onChoose}>
                {action.word}
              </Radix.Action>
            )}
            <Radix.Close asChild>
              <IconButton icon="close" label={t('action.dismiss')} />
            </Radix.Close>
          </Radix.Root>
        ))}
        <Radix.Viewport className="toasts" label={t('app.toasts')} />
      </Radix.Provider>
    </TellContext>
  );
}
