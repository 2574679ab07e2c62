/** The key images that others selected (Key Object Selections): what for, by whom, and each to be gone to. */
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Series } from '../dicomweb/series';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { readableDate } from '../imaging/dates';
import type { Reading } from '../viewport/readingState';
import { type ReadSelection, titleOf } from './dicom/keyObjects';
import { goTo } from './goTo';
import type { Keeper } from './keeper';
import { imageKey } from './model';
import { usePlace } from './usePlace';

export function SelectionList(props: {
  readonly keeper: Keeper;
  readonly reading: Reading;
  readonly study: StudyInstanceUid;
  readonly list: readonly Series[] | undefined;
}) {
  const { t } = useTranslation();
  const selections = useStore(props.keeper.store, (state) => state.selections);
  const placeOf = usePlace(props.reading, props.list);
  const nameOf = (selection: ReadSelection) => {
    const known = titleOf(selection);
    return known ? t(`annotations.keyTitle.${known}`) : (selection.title?.meaning ?? t('annotations.keyImages'));
  };
  return selections.map((selection) => (
    <section key={selection.sopInstanceUid} className="px-3 py-2">
      <h3 className="text-xs font-semibold wrap-anywhere text-faint">
        {[nameOf(selection), selection.author, readableDate(selection.date)].filter((part) => part).join(' · ')}
      </h3>
      <ol aria-label={t('annotations.selectedBy', { name: nameOf(selection) })}>
        {selection.images.map((image) => (
          <li key={imageKey(image)} className="text-sm">
            <button
              type="button"
              onClick={(event) => {
                goTo(props.reading, props.study, image);
                event.currentTarget.blur();
              }}
              className="w-full cursor-default truncate text-left hover:text-accent"
            >
              {placeOf(image)}
            </button>
          </li>
        ))}
      </ol>
    </section>
  ));
}
