/** Saves the image of the active viewport as a file: what is written on it, and how it looks. */
import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { FormDialog } from '../machines/FormDialog';
import { Choice } from '../machines/fields';
import { recordExport } from '../server/exports';
import { fileName } from './fileName';
import type { Mark } from './marks';
import { save } from './save';
import { compose, encode } from './scene';
import { leastPixels, nameOf, type Source } from './source';
import { useExportFailure } from './useExportFailure';
import { type Known, useSubject } from './useSubject';
import { useTask } from './useTask';
import { firstMarks, offeredMarks, overlaysOf } from './written';
import './texts';

const formats = ['png', 'jpeg'] as const;
type Format = (typeof formats)[number];

/** The marks that are drawn, as boxes to tick. */
export function MarkChoice(props: {
  readonly offered: readonly Mark[];
  readonly value: ReadonlySet<Mark>;
  readonly onChange: (value: ReadonlySet<Mark>) => void;
}) {
  const { t } = useTranslation();
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 text-[13px] text-soft">{t('export.marks')}</legend>
      {props.offered.map((mark) => (
        <label key={mark} className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={props.value.has(mark)}
            className="size-4 accent-accent-deep"
            onChange={({ target }) => {
              const changed = new Set(props.value);
              if (target.checked) {
                changed.add(mark);
              } else {
                changed.delete(mark);
              }
              props.onChange(changed);
            }}
          />
          {t(`export.mark.${mark}`)}
        </label>
      ))}
    </fieldset>
  );
}

export function ExportDialog({
  source,
  known,
  onClose,
}: {
  readonly source: Source;
  readonly known: Known;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const failure = useExportFailure(known);
  const subjectOf = useSubject(known);
  const [format, setFormat] = useState<Format>('png');
  const [chosen, setChosen] = useState<ReadonlySet<Mark>>(() => firstMarks([source], ['letters', 'scale', 'labels']));
  const [trouble, setTrouble] = useState<unknown>();
  const preview = useRef<HTMLDivElement>(null);
  const { series, state } = source;

  const made = useRef(async (written: ReadonlySet<Mark>) => {
    const developed = await source.develop(state.index, 'viewport', leastPixels);
    await compose(developed, overlaysOf(source, written, subjectOf(series.seriesInstanceUid)));
    return developed;
  });

  useEffect(() => {
    let isLeft = false;
    made.current(chosen).then(
      ({ canvas }) => {
        if (!isLeft) {
          canvas.className = 'size-full object-contain';
          preview.current?.replaceChildren(canvas);
          setTrouble(undefined);
        }
      },
      (error: unknown) => (isLeft ? undefined : setTrouble(error)),
    );
    return () => {
      isLeft = true;
    };
  }, [chosen]);

  const saving = useTask(async () => {
    const identity = chosen.has('identity');
    const developed = await made.current(chosen);
    const file = await encode(developed.canvas, format === 'png' ? 'image/png' : 'image/jpeg');
    const signal = new AbortController().signal;
    const code = await recordExport(series.studyInstanceUid, format, identity, [nameOf(developed)], signal);
    const { seriesNumber } = subjectOf(series.seriesInstanceUid).series ?? {};
    const what = { study: known.study, modality: series.modality, seriesNumber, image: state.index + 1, code };
    save(file, fileName(what, identity, format === 'png' ? 'png' : 'jpg'));
    onClose();
  });
  const problem = saving.error ?? trouble;

  return (
    <FormDialog title={t('export.title')} onClose={onClose}>
      <div className="grid gap-6 sm:grid-cols-2">
        <div
          ref={preview}
          role="img"
          aria-label={t('export.preview')}
          data-testid="export-preview"
          className="overflow-hidden rounded-md bg-black"
          style={{ height: '46vh' }}
        />
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            saving.begin();
          }}
        >
          <Choice
            label={t('export.format')}
            words={formats}
            nameOf={(word) => t(`export.formats.${word}`)}
            value={format}
            onChange={setFormat}
          />
          <MarkChoice offered={offeredMarks([source])} value={chosen} onChange={setChosen} />
          <p className="text-xs text-faint">{t('export.recorded')}</p>
          {problem === undefined ? null : (
            <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
              {failure(problem)}
            </p>
          )}
          <Button type="submit" look="primary" isBusy={saving.isBusy}>
            <Download size={16} aria-hidden />
            {t('export.save')}
          </Button>
        </form>
      </div>
    </FormDialog>
  );
}
