/** The key images of the study, to be found again and taken away. */
import { Star, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { fieldLook, IconButton } from '../app/controls';
import type { Series } from '../dicomweb/series';
import type { StudyInstanceUid } from '../dicomweb/uid';
import type { Reading } from '../viewport/readingState';
import type { Desk } from './desk';
import { goTo } from './goTo';
import { keyTitles, plainTitle } from './keyTitles';
import { imageKey } from './model';
import { usePlace } from './usePlace';

export function KeyImageList(props: {
  readonly desk: Desk;
  readonly reading: Reading;
  readonly study: StudyInstanceUid;
  readonly list: readonly Series[] | undefined;
}) {
  const { t } = useTranslation();
  const { desk, reading } = props;
  const { keyImages, keyTitle } = useStore(desk.store, ({ marks }) => marks);
  const placeOf = usePlace(reading, props.list);
  if (keyImages.length === 0) {
    return null;
  }
  return (
    <section className="px-3 py-2">
      <h3 className="text-xs font-semibold tracking-wide text-faint uppercase">{t('annotations.keyImages')}</h3>
      <label className="flex flex-col gap-1 py-1 text-xs text-soft">
        {t('annotations.keyPurpose')}
        <select
          value={keyTitle}
          onChange={({ target }) => desk.setKeyTitle(keyTitles.find((title) => title === target.value) ?? plainTitle)}
          className={fieldLook}
        >
          {keyTitles.map((title) => (
            <option key={title} value={title}>
              {t(`annotations.keyTitle.${title}`)}
            </option>
          ))}
        </select>
      </label>
      <ol aria-label={t('annotations.keyImages')}>
        {keyImages.map((image) => (
          <li key={imageKey(image)} className="flex items-center gap-2 text-sm">
            <Star size={14} aria-hidden className="shrink-0 text-warn" />
            <button
              type="button"
              onClick={(event) => {
                goTo(reading, props.study, image);
                event.currentTarget.blur();
              }}
              className="min-w-0 flex-1 cursor-default truncate text-left"
            >
              {placeOf(image)}
            </button>
            <IconButton
              icon={X}
              label={t('annotations.remove', { name: placeOf(image) })}
              onPress={() => desk.toggleKeyImage(image)}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}
