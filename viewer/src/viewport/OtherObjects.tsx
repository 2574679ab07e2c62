/** What of a series is no picture: each is named, opened if it can be shown, and downloaded as it was sent. */
import { Download, FileText, Film, Tags } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import type { Series } from '../dicomweb/series';
import type { StudyInstanceUid } from '../dicomweb/uid';
import type { OtherObject, SeriesContent } from '../imaging/frames';
import { DownloadFailure } from './DownloadFailure';
import { isShownObject, type ShownObject } from './shownContent';
import { useDownload } from './useDownload';

const SopClassName = lazy(async () => ({ default: (await import('../objects/SopClassName')).SopClassName }));

export function OtherObjects(props: {
  readonly study: StudyInstanceUid;
  readonly series: Series;
  readonly content: SeriesContent;
  readonly onOpen: (object: ShownObject) => void;
  readonly onAttributes: (object: OtherObject) => void;
  readonly onPictures: () => void;
}) {
  const { t } = useTranslation();
  const { download, failure } = useDownload(props.study, props.series.seriesInstanceUid);
  const hasPictures = props.content.frames.length > 0;
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-4 p-8" data-testid="other-objects">
      <div>
        <h2 className="text-lg font-semibold">{t(hasPictures ? 'objects.beside' : 'objects.title')}</h2>
        <p className="mt-1 text-sm text-soft">{t('objects.text')}</p>
      </div>
      {hasPictures ? (
        <div>
          <Button onPress={props.onPictures}>{t('objects.pictures')}</Button>
        </div>
      ) : null}
      <DownloadFailure text={failure} />
      <ul className="flex flex-col gap-2">
        {props.content.others.map((object) => {
          const Icon = object.kind === 'video' ? Film : FileText;
          return (
            <li
              key={object.sopInstanceUid}
              className="flex items-center gap-2 rounded-lg border border-line bg-panel px-4 py-3"
            >
              <Icon size={22} strokeWidth={1.5} aria-hidden className="shrink-0 text-accent" />
              <span className="mx-2 min-w-0 flex-1">
                <span className="block font-medium">{t(`objects.kind.${object.kind}`)}</span>
                <span className="block truncate text-xs text-soft">{object.title ?? props.series.description}</span>
                <span className="block truncate text-xs text-faint">
                  <Suspense>
                    <SopClassName uid={object.sopClassUid} />
                  </Suspense>
                </span>
              </span>
              <IconButton icon={Tags} label={t('tools.attributes')} onPress={() => props.onAttributes(object)} />
              {isShownObject(object) ? <Button onPress={() => props.onOpen(object)}>{t('objects.open')}</Button> : null}
              {download ? (
                <Button onPress={() => void download(object.sopInstanceUid)}>
                  <Download size={16} aria-hidden />
                  {t('objects.download')}
                </Button>
              ) : null}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
