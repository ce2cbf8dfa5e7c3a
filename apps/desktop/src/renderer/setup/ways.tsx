import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/icons.tsx';
import type { IconName } from '../parts/icons.tsx';

const WAYS = [
  { way: 'create', icon: 'plus', detail: 'createDetail' },
  { way: 'link', icon: 'link', detail: 'linkDetail' },
  { way: 'signIn', icon: 'account', detail: 'signInDetail' },
  { way: 'recover', icon: 'restored', detail: 'recoverDetail' },
] as const satisfies readonly { way: string; icon: IconName; detail: string }[];
export type Way = (typeof WAYS)[number]['way'];

export function Ways({ onChoose }: { readonly onChoose: (way: Way) => void }) {
  const { t } = useTranslation();
  return (
    <ul className="ways">
      {WAYS.map(({ way, icon, detail }) => (
        <li key={way}>
          <button type="button" className="way" onClick={() => onChoose(way)}>
            <Icon name={icon} sizePx={24} />
            <span className="way-words">
              <strong>{t(`setup.${way}`)}</strong>
              <span className="quiet">{t(`setup.${detail}`)}</span>
            </span>
            <Icon name="chevronRight" sizePx={16} />
          </button>
        </li>
      ))}
    </ul>
  );
}
