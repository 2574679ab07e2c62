/** Saves the image of the active viewport as a file: what is written on it, and how it looks. */
import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { FormDialog } from '../machines/FormDialog';
import { Choice } from '../machines/fields';
import { recordExport } from '../server/exports';
import { FilmFields } from './FilmFields';
import { fileName } from './fileName';
import { type FilmWishes, filmPixels, firstFilm, makeFilm } from './film';
import type { Mark } from './marks';
import { save } from './save';
import { compose, encode } from './scene';
import { leastPixels, nameOf, type Source } from './source';
import { useExportFailure } from './useExportFailure';
import { type Known, useSubject } from './useSubject';
import { useTask } from './useTask';
import { firstMarks, offeredMarks, overlaysOf } from './written';
import './texts';

const pictureFormats = ['png', 'jpeg'] as const;
type Format = (typeof pictureFormats)[number] | 'mp4';

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

  const make = useRef(async (written: ReadonlySet<Mark>) => {
    const developed = await source.develop(state.index, 'viewport', leastPixels);
    await compose(developed, overlaysOf(source, written, subjectOf(series.seriesInstanceUid)));
    return developed;
  });

  useEffect(() => {
    let isLeft = false;
    make.current(chosen).then(
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

  const subject = subjectOf(series.seriesInstanceUid);
  const naming = { study: known.study, modality: series.modality, seriesNumber: subject.series?.seriesNumber };
  const [film, setFilm] = useState<FilmWishes>(() => firstFilm(source));
  const [made, setMade] = useState(0);
  const aborter = useRef<AbortController>(undefined);
  useEffect(() => () => aborter.current?.abort(), []);
  const saving = useTask(async () => {
    const identity = chosen.has('identity');
    if (format === 'mp4') {
      aborter.current = new AbortController();
      const { signal } = aborter.current;
      const picture = async (index: number) => {
        const shown = await source.develop(index, 'viewport', filmPixels);
        return compose(shown, overlaysOf(source, chosen, subject));
      };
      const { file, images } = await makeFilm(source, film, picture, setMade, signal);
      const code = await recordExport(series.studyInstanceUid, 'mp4', identity, images, signal);
      save(file, fileName({ ...naming, image: undefined, code }, identity, 'mp4'));
      onClose();
      return;
    }
    const developed = await make.current(chosen);
    const file = await encode(developed.canvas, format === 'png' ? 'image/png' : 'image/jpeg');
    const signal = new AbortController().signal;
    const code = await recordExport(series.studyInstanceUid, format, identity, [nameOf(developed)], signal);
    save(file, fileName({ ...naming, image: state.index + 1, code }, identity, format === 'png' ? 'png' : 'jpg'));
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
          <Choice<Format>
            label={t('export.format')}
            words={series.frames.length > 1 ? [...pictureFormats, 'mp4'] : pictureFormats}
            nameOf={(word) => t(`export.formats.${word}`)}
            value={format}
            onChange={setFormat}
          />
          {format === 'mp4' ? <FilmFields wishes={film} most={series.frames.length} onChange={setFilm} /> : null}
          <MarkChoice offered={offeredMarks([source])} value={chosen} onChange={setChosen} />
          <p className="text-xs text-faint">{t('export.recorded')}</p>
          {problem === undefined ? null : (
            <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
              {failure(problem)}
            </p>
          )}
          <Button type="submit" look="primary" isBusy={saving.isBusy}>
            <Download size={16} aria-hidden />
            {saving.isBusy && format === 'mp4'
              ? t('export.film.making', { made, of: film.to - film.from + 1 })
              : t('export.save')}
          </Button>
        </form>
      </div>
    </FormDialog>
  );
}
