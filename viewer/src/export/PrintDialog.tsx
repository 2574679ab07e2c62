/** Prints in place of film: which images, on what, and the pages to print or to save. */
import { Download, ExternalLink, Printer } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, fieldLook } from '../app/controls';
import { FormDialog } from '../machines/FormDialog';
import { Choice } from '../machines/fields';
import { most, type PageWishes, type Paper, papers, printLanguages, requestPrint } from '../server/prints';
import { visibleCells } from '../viewport/layout';
import type { Reading } from '../viewport/readingState';
import { MarkChoice } from './ExportDialog';
import type { Mark } from './marks';
import { NumberField } from './NumberField';
import { PagePreview, pageMm } from './PagePreview';
import { develop, keyShots, pixelsOfCell, type Shot } from './printed';
import { save } from './save';
import { type Chosen, chosenIndices, selections, stepFor } from './selection';
import { type Source, sourceOf } from './source';
import { useExportFailure } from './useExportFailure';
import { type Known, useSubject } from './useSubject';
import { useTask } from './useTask';
import { firstMarks, offeredMarks, overlaysOf } from './written';
import './texts';

/** The server writes names and scales itself, so that they are the archive's. */
const usual: readonly Mark[] = ['letters', 'labels'];

const grids = ['1×1', '1×2', '2×1', '2×2', '2×3', '3×3', '3×4', '4×4', '4×5', '5×6', '6×8'] as const;
type GridWord = (typeof grids)[number];

const orientations = ['portrait', 'landscape'] as const;

/** Columns and rows of a grid. */
function sidesOf(grid: GridWord): [number, number] {
  const [columns = 1, rows = 1] = grid.split('×').map(Number);
  return [columns, rows];
}

function Tick(props: { readonly label: string; readonly value: boolean; readonly onChange: (value: boolean) => void }) {
  return (
    <label className="flex items-center gap-2 text-sm">
      <input
        type="checkbox"
        checked={props.value}
        className="size-4 accent-accent-deep"
        onChange={({ target }) => props.onChange(target.checked)}
      />
      {props.label}
    </label>
  );
}

/** The pages are there. */
function Made({ pdf, onClose }: { readonly pdf: Blob; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(pdf);
    setUrl(made);
    return () => {
      // A tab that shows it has it by then.
      window.setTimeout(() => URL.revokeObjectURL(made), 60_000);
    };
  }, [pdf]);
  return (
    <div role="status" className="flex flex-col items-start gap-4">
      <p className="text-sm">{t('export.print.made')}</p>
      <div className="flex flex-wrap gap-2">
        <a
          href={url}
          target="_blank"
          rel="noopener"
          className="inline-flex h-9 items-center gap-2 rounded-md border border-accent-deep bg-accent-deep px-3 text-sm font-medium text-white hover:bg-sky-600"
        >
          <ExternalLink size={16} aria-hidden />
          {t('export.print.open')}
        </a>
        <Button onPress={() => save(pdf, 'filmless.pdf')}>
          <Download size={16} aria-hidden />
          {t('export.print.save')}
        </Button>
        <Button look="quiet" onPress={onClose}>
          {t('common.close')}
        </Button>
      </div>
    </div>
  );
}

/** What can be printed: the active viewport first, then the others in sight, all of one study. */
function sourcesOf(reading: Reading): readonly Source[] {
  const { layout } = reading.store.getState();
  const active = sourceOf(reading, layout.active);
  const inSight = visibleCells(layout).flatMap((place) => sourceOf(reading, place) ?? []);
  return active
    ? [active, ...inSight].filter(({ series }) => series.studyInstanceUid === active.series.studyInstanceUid)
    : [];
}

export function PrintDialog(props: { readonly reading: Reading; readonly known: Known; readonly onClose: () => void }) {
  const { reading, known, onClose } = props;
  const { t, i18n } = useTranslation();
  const failure = useExportFailure(known);
  const subjectOf = useSubject(known);
  // As it was when the dialog opened.
  const [sources] = useState(() => sourcesOf(reading));
  const active = sources[0];
  const isOne = sources.length <= 2;
  const count = active?.series.frames.length ?? 0;
  const [chosen, setChosen] = useState<Chosen>({
    selection: isOne ? 'viewport' : 'visible',
    step: stepFor(count, 20),
    from: 1,
    to: count,
  });
  const [grid, setGrid] = useState<GridWord>(isOne ? '1×1' : '2×2');
  const [marksChosen, setMarks] = useState<ReadonlySet<Mark>>(() => firstMarks(sources, usual));
  const [wished, setWished] = useState<Omit<PageWishes, 'rows' | 'columns'>>({
    paper: 'a4',
    landscape: false,
    language: i18n.language === 'en' ? 'en' : 'both',
    title: '',
    trueSize: false,
    withIdentity: true,
  });
  const wish = (change: Partial<typeof wished>) => setWished((present) => ({ ...present, ...change }));
  const [columns, rows] = sidesOf(grid);
  const wishes: PageWishes = { ...wished, rows, columns };

  const keys = useMemo(() => keyShots(sources), [sources]);
  const shots = useMemo((): readonly Shot[] => {
    if (chosen.selection === 'key') {
      return keys.shots;
    }
    const taken = chosen.selection === 'visible' ? sources.slice(1) : sources.slice(0, 1);
    return taken.flatMap((source) =>
      chosenIndices(chosen, source.state.index, source.series.frames.length).map((index) => ({ source, index })),
    );
  }, [chosen, sources, keys]);

  const [progress, setProgress] = useState(0);
  const [pdf, setPdf] = useState<Blob>();
  const aborter = useRef<AbortController>(undefined);
  useEffect(() => () => aborter.current?.abort(), []);
  const making = useTask(async () => {
    if (!active) {
      throw new Error('no image is shown');
    }
    aborter.current = new AbortController();
    const { signal } = aborter.current;
    setProgress(0);
    const [width, height] = pageMm(wishes);
    const pixels = pixelsOfCell(Math.min(width / columns, height / rows));
    const written = (source: Source) => overlaysOf(source, marksChosen, subjectOf(source.series.seriesInstanceUid));
    const pictures = await develop(shots, pixels, written, setProgress, signal);
    setPdf(await requestPrint(active.series.studyInstanceUid, wishes, pictures, signal));
  });

  if (pdf) {
    return (
      <FormDialog title={t('export.print.title')} onClose={onClose}>
        <Made pdf={pdf} onClose={onClose} />
      </FormDialog>
    );
  }
  const tooMany = shots.length > most.pictures;
  return (
    <FormDialog title={t('export.print.title')} onClose={onClose}>
      <div className="grid gap-6 md:grid-cols-[minmax(0,1fr)_19rem]">
        <PagePreview wishes={wishes} shots={shots} />
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            making.begin();
          }}
        >
          <Choice
            label={t('export.print.images')}
            words={selections.filter((word) => word !== 'key' || keys.count > 0)}
            nameOf={(word) => t(`export.print.selection.${word}`, { count: keys.count })}
            value={chosen.selection}
            onChange={(selection) => setChosen({ ...chosen, selection })}
          />
          {chosen.selection === 'key' && keys.shots.length < keys.count ? (
            <p role="note" className="text-xs text-warn">
              {t('export.print.keyElsewhere', { count: keys.count - keys.shots.length })}
            </p>
          ) : null}
          {chosen.selection === 'every' ? (
            <NumberField
              label={t('export.print.step')}
              value={chosen.step}
              most={Math.max(1, count)}
              onChange={(step) => setChosen({ ...chosen, step })}
            />
          ) : null}
          {chosen.selection === 'range' ? (
            <div className="grid grid-cols-2 gap-3">
              <NumberField
                label={t('export.print.from')}
                value={chosen.from}
                most={count}
                onChange={(from) => setChosen({ ...chosen, from })}
              />
              <NumberField
                label={t('export.print.to')}
                value={chosen.to}
                most={count}
                onChange={(to) => setChosen({ ...chosen, to })}
              />
            </div>
          ) : null}
          <div className="grid grid-cols-2 gap-3">
            <Choice<Paper>
              label={t('export.print.paper')}
              words={papers}
              nameOf={(word) => t(`export.print.papers.${word}`)}
              value={wished.paper}
              onChange={(paper) => wish({ paper })}
            />
            <Choice
              label={t('export.print.orientation')}
              words={orientations}
              nameOf={(word) => t(`export.print.orientations.${word}`)}
              value={wished.landscape ? 'landscape' : 'portrait'}
              onChange={(word) => wish({ landscape: word === 'landscape' })}
            />
            <Choice<GridWord>
              label={t('export.print.grid')}
              words={grids}
              nameOf={(word) => word}
              value={grid}
              onChange={setGrid}
            />
            <Choice
              label={t('export.print.language')}
              words={printLanguages}
              nameOf={(word) => t(`export.print.languages.${word}`)}
              value={wished.language}
              onChange={(language) => wish({ language })}
            />
          </div>
          <label className="flex flex-col gap-1 text-[13px] text-soft">
            {t('export.print.heading')}
            <input
              value={wished.title}
              maxLength={200}
              className={fieldLook}
              onChange={({ target }) => wish({ title: target.value })}
            />
          </label>
          <MarkChoice
            offered={offeredMarks(sources, ['drawn', 'overlays', ...usual])}
            value={marksChosen}
            onChange={setMarks}
          />
          <Tick
            label={t('export.print.trueSize')}
            value={wished.trueSize}
            onChange={(trueSize) => wish({ trueSize })}
          />
          <Tick
            label={t('export.print.identity')}
            value={wished.withIdentity}
            onChange={(withIdentity) => wish({ withIdentity })}
          />
          <p className="text-xs text-faint">{t('export.print.recorded')}</p>
          {tooMany ? (
            <p role="alert" className="text-sm text-danger">
              {t('export.print.tooMany', { most: most.pictures })}
            </p>
          ) : null}
          {making.error === undefined ? null : (
            <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
              {failure(making.error)}
            </p>
          )}
          <Button type="submit" look="primary" isBusy={making.isBusy} isDisabled={tooMany || shots.length === 0}>
            <Printer size={16} aria-hidden />
            {making.isBusy ? t('export.print.making', { made: progress, of: shots.length }) : t('export.print.make')}
          </Button>
        </form>
      </div>
    </FormDialog>
  );
}
