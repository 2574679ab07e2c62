/** Which images become a moving picture, and how many of them in a second. */
import { useTranslation } from 'react-i18next';
import { fastestFrameRate } from '../imaging/cine';
import type { FilmWishes } from './film';
import { NumberField } from './NumberField';

export function FilmFields(props: {
  readonly wishes: FilmWishes;
  readonly most: number;
  readonly onChange: (wishes: FilmWishes) => void;
}) {
  const { t } = useTranslation();
  const { wishes, most, onChange } = props;
  return (
    <>
      <div className="grid grid-cols-3 gap-3">
        <NumberField
          label={t('export.film.from')}
          value={wishes.from}
          most={wishes.to}
          onChange={(from) => onChange({ ...wishes, from })}
        />
        <NumberField
          label={t('export.film.to')}
          value={wishes.to}
          least={wishes.from}
          most={most}
          onChange={(to) => onChange({ ...wishes, to })}
        />
        <NumberField
          label={t('export.film.rate')}
          value={wishes.framesPerSecond}
          most={fastestFrameRate}
          onChange={(framesPerSecond) => onChange({ ...wishes, framesPerSecond })}
        />
      </div>
      <p className="text-xs text-warn">{t('export.film.lossy')}</p>
    </>
  );
}
