/** In place of a frame that could not be fetched or decoded: what happened, another try, and the server's picture of it. */
import { ImageOff } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button } from '../app/controls';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { renderedFrameUrl } from '../dicomweb/urls';
import type { ImageView, ViewStore } from './viewState';

const serverPictureSize = 1024;

export function FailureTile(props: {
  readonly store: ViewStore;
  readonly view: ImageView | undefined;
  readonly uid: StudyInstanceUid;
}) {
  const { t } = useTranslation();
  const failure = useStore(props.store, (state) => state.failure);
  const series = useStore(props.store, (state) => state.series);
  const index = useStore(props.store, (state) => state.index);
  const [pictureOf, setPictureOf] = useState<string>();
  const [broken, setBroken] = useState<string>();
  const frame = series?.frames[index];
  if (!failure || !series || !frame) {
    return null;
  }
  const url = renderedFrameUrl(
    props.uid,
    series.seriesInstanceUid,
    frame.sopInstanceUid,
    frame.frameNumber,
    serverPictureSize,
  );
  if (pictureOf === url && broken !== url) {
    return (
      <div className="absolute inset-0">
        <img
          src={url}
          alt={t('viewer.serverPicture')}
          onError={() => setBroken(url)}
          className="size-full object-contain"
        />
        <span className="absolute bottom-10 left-1/2 -translate-x-1/2 rounded-full bg-warn/90 px-3 py-0.5 text-xs font-medium text-black">
          {t('viewer.serverPicture')}
        </span>
      </div>
    );
  }
  return (
    <div
      role="alert"
      data-testid="frame-failure"
      className="absolute inset-0 flex flex-col items-center justify-center gap-3 p-6 text-center"
    >
      <ImageOff size={36} strokeWidth={1.3} aria-hidden className="text-danger" />
      <p className="text-base font-medium">{t('viewer.frameFailed', { index: index + 1 })}</p>
      <p className="max-w-md text-sm text-soft">
        {t(`viewer.frameFailure.${failure.kind}`, { status: failure.status })}
      </p>
      <div className="flex gap-2">
        <Button onPress={() => props.view?.retry()}>{t('common.retry')}</Button>
        {failure.kind === 'decode' && broken !== url ? (
          <Button onPress={() => setPictureOf(url)}>{t('viewer.showServerPicture')}</Button>
        ) : null}
      </div>
    </div>
  );
}
