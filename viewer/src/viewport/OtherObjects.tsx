/** Objects that are no pictures: each is named and can be downloaded as it was sent. */
import { Download, FileText } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { useFailureText } from '../app/Notice';
import { downloadInstance } from '../dicomweb/download';
import type { Series } from '../dicomweb/series';
import type { StudyInstanceUid } from '../dicomweb/uid';
import type { OtherObject } from '../imaging/frames';

export function OtherObjects(props: {
  readonly study: StudyInstanceUid;
  readonly series: Series;
  readonly objects: readonly OtherObject[];
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const [failure, setFailure] = useState<string>();
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);

  const download = async (object: OtherObject) => {
    controller.current?.abort();
    const present = new AbortController();
    controller.current = present;
    setFailure(undefined);
    try {
      await downloadInstance(props.study, props.series.seriesInstanceUid, object.sopInstanceUid, present.signal);
    } catch (error) {
      if (!present.signal.aborted) {
        setFailure(failureText(error));
      }
    }
  };

  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-4 p-8" data-testid="other-objects">
      <div>
        <h2 className="text-lg font-semibold">{t('objects.title')}</h2>
        <p className="mt-1 text-sm text-soft">{t('objects.text')}</p>
      </div>
      {failure === undefined ? null : (
        <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-red-200">
          {failure}
        </p>
      )}
      <ul className="flex flex-col gap-2">
        {props.objects.map((object) => (
          <li
            key={object.sopInstanceUid}
            className="flex items-center gap-4 rounded-lg border border-line bg-panel px-4 py-3"
          >
            <FileText size={22} strokeWidth={1.5} aria-hidden className="shrink-0 text-accent" />
            <span className="min-w-0 flex-1">
              <span className="block font-medium">{t(`objects.kind.${object.kind}`)}</span>
              <span className="block truncate text-xs text-soft">{object.title ?? props.series.description}</span>
            </span>
            <Button onPress={() => void download(object)}>
              <Download size={16} aria-hidden />
              {t('objects.download')}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
