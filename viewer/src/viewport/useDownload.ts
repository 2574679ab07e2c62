/** Downloading instances as DICOM files, one at a time; what went wrong is said in words. */
import { useEffect, useRef, useState } from 'react';
import { useFailureText } from '../app/Notice';
import { useMay } from '../app/session';
import { downloadInstance } from '../dicomweb/download';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../dicomweb/uid';

/** Without `download` the reader may look, and take nothing away. */
export function useDownload(study: StudyInstanceUid, series: SeriesInstanceUid) {
  const failureText = useFailureText();
  const mayDownload = useMay('download');
  const [failure, setFailure] = useState<string>();
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);

  const download = async (instance: SopInstanceUid) => {
    controller.current?.abort();
    const present = new AbortController();
    controller.current = present;
    setFailure(undefined);
    try {
      await downloadInstance(study, series, instance, present.signal);
    } catch (error) {
      if (!present.signal.aborted) {
        setFailure(failureText(error));
      }
    }
  };
  return { download: mayDownload ? download : undefined, failure };
}
