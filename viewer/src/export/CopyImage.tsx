/** Copies the image of the active viewport, and says how that went. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { recordExport } from '../server/exports';
import type { Mark } from './marks';
import { compose, encode } from './scene';
import { leastPixels, nameOf, type Source } from './source';
import { useExportFailure } from './useExportFailure';
import { type Known, useSubject } from './useSubject';
import { firstMarks, overlaysOf } from './written';
import './texts';

const usual: readonly Mark[] = ['letters', 'scale', 'labels'];
const shownMs = 4000;

export function CopyImage(props: { readonly source: Source; readonly known: Known; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const failure = useExportFailure(props.known);
  const subjectOf = useSubject(props.known);
  const [outcome, setOutcome] = useState<{ readonly text: string; readonly isBad: boolean }>();
  const begun = useRef(false);
  const { onClose } = props;

  // Once, however often it is drawn: the copy is an act.
  useEffect(() => {
    if (begun.current) {
      return;
    }
    begun.current = true;
    const { source } = props;
    const { series, state } = source;
    if (!('clipboard' in navigator) || typeof ClipboardItem === 'undefined') {
      // Browsers have a clipboard for pictures only on pages that came by TLS, or from this machine.
      setOutcome({ text: t('export.noClipboard'), isBad: true });
      return;
    }
    const picture = async () => {
      const developed = await source.develop(state.index, 'viewport', leastPixels);
      const canvas = await compose(
        developed,
        overlaysOf(source, firstMarks([source], usual), subjectOf(series.seriesInstanceUid)),
      );
      const file = await encode(canvas, 'image/png');
      const signal = new AbortController().signal;
      await recordExport(series.studyInstanceUid, 'clipboard', false, [nameOf(developed)], signal);
      return file;
    };
    // The clipboard is opened while the key is still felt, and filled when the picture is there.
    const made = picture();
    navigator.clipboard.write([new ClipboardItem({ 'image/png': made })]).then(
      () => setOutcome({ text: t('export.copied'), isBad: false }),
      async (error: unknown) => {
        const reason = await made.then(
          () => error,
          (own: unknown) => own,
        );
        setOutcome({ text: failure(reason), isBad: true });
      },
    );
  }, [props, t, failure, subjectOf]);

  useEffect(() => {
    const timer = outcome && window.setTimeout(onClose, shownMs);
    return () => window.clearTimeout(timer);
  }, [outcome, onClose]);

  return (
    <p
      role={outcome?.isBad ? 'alert' : 'status'}
      className={`fixed bottom-3 left-1/2 z-50 -translate-x-1/2 rounded-md px-3 py-2 text-sm ${
        outcome?.isBad ? 'bg-danger-deep text-danger-soft' : 'border border-strong bg-raised text-ink'
      }`}
    >
      {outcome?.text ?? t('export.copying')}
    </p>
  );
}
