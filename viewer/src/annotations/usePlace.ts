/** Where an image is, in words: its series, number and frame, as far as they are known. */
import { useTranslation } from 'react-i18next';
import type { Series } from '../dicomweb/series';
import type { Reading } from '../viewport/readingState';
import { frameOf } from './goTo';
import type { ImageReference } from './model';

export function usePlace(reading: Reading, list: readonly Series[] | undefined): (image: ImageReference) => string {
  const { t } = useTranslation();
  return (image) => {
    const series = list?.find(({ seriesInstanceUid: uid }) => uid === image.seriesInstanceUid);
    const number = frameOf(reading, image)?.instanceNumber;
    return [
      series?.seriesNumber === undefined ? series?.modality : `${series.modality} ${series.seriesNumber}`,
      number === undefined ? undefined : t('annotations.image', { number }),
      image.frameNumber === undefined ? undefined : t('annotations.frame', { number: image.frameNumber }),
    ]
      .filter((part) => part !== undefined)
      .join(' · ');
  };
}
