/** The way back to quick pictures: same series, image, window and part of the picture. */
import { Feather } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../app/controls';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { remember } from '../lite/handover';
import { chooseTier } from '../lite/tier';
import type { Reading } from './readingState';
import { seenIn } from './seen';

export function ToLite({ reading, uid }: { readonly reading: Reading; readonly uid: StudyInstanceUid }) {
  const { t } = useTranslation();
  return (
    <IconButton
      icon={Feather}
      label={t('lite.toLite')}
      onPress={() => {
        const { layout } = reading.store.getState();
        const cell = reading.cells[layout.active];
        const seen = cell && seenIn(cell.store.getState());
        chooseTier('lite');
        if (seen) {
          remember(sessionStorage, seen);
        }
        location.assign(`/studies/${uid}${seen ? `?series=${seen.series}` : ''}`);
      }}
    />
  );
}
