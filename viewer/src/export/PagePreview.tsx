/** The first page as it will be: its shape, its grid, and which image is where. */
import { useTranslation } from 'react-i18next';
import { renderedFrameUrl } from '../dicomweb/urls';
import type { PageWishes, Paper } from '../server/prints';
import type { Shot } from './printed';

const inch = 25.4;

/** Width and height in millimetres, upright. */
export const sizesMm: Readonly<Record<Paper, readonly [number, number]>> = {
  a4: [210, 297],
  a3: [297, 420],
  'film-8x10': [8 * inch, 10 * inch],
  'film-11x14': [11 * inch, 14 * inch],
  'film-14x17': [14 * inch, 17 * inch],
};

/** Width and height of the page as it lies. */
export function pageMm({ paper, landscape }: PageWishes): readonly [number, number] {
  const [short, long] = sizesMm[paper];
  return landscape ? [long, short] : [short, long];
}

const thumbnailPixels = 128;

export function PagePreview({ wishes, shots }: { readonly wishes: PageWishes; readonly shots: readonly Shot[] }) {
  const { t } = useTranslation();
  const [width, height] = pageMm(wishes);
  const { rows, columns } = wishes;
  const isFilm = wishes.paper.startsWith('film');
  const cells = rows * columns;
  return (
    <div className="flex min-h-0 flex-col items-center gap-2">
      <div
        role="img"
        aria-label={t('export.print.preview')}
        data-testid="page-preview"
        className={`flex max-h-[52vh] w-full flex-col gap-1 p-2 ${isFilm ? 'bg-black' : 'bg-white'}`}
        style={{ aspectRatio: `${width} / ${height}`, maxWidth: `calc(52vh * ${width / height})` }}
      >
        <div className={`h-[9%] border-b ${isFilm ? 'border-white/40' : 'border-black/40'}`} />
        <div
          className="grid min-h-0 flex-1 gap-0.5"
          style={{
            gridTemplateRows: `repeat(${rows}, minmax(0, 1fr))`,
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
          }}
        >
          {shots.slice(0, cells).map(({ source: { series }, index }, place) => {
            const frame = series.frames[index];
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
              <div key={place} className="relative min-h-0 overflow-hidden bg-black">
                {frame ? (
                  <img
                    alt=""
                    loading="lazy"
                    src={renderedFrameUrl(
                      series.studyInstanceUid,
                      series.seriesInstanceUid,
                      frame.sopInstanceUid,
                      frame.frameNumber,
                      thumbnailPixels,
                    )}
                    className="size-full object-contain"
                  />
                ) : null}
                <span className="absolute right-0.5 bottom-0 text-[10px] text-white [text-shadow:0_0_2px_#000]">
                  {index + 1}
                </span>
              </div>
            );
          })}
        </div>
        <div className={`h-[4%] border-t ${isFilm ? 'border-white/40' : 'border-black/40'}`} />
      </div>
      <p className="text-xs text-soft">
        {t('export.print.pages', { count: Math.ceil(shots.length / cells), images: shots.length })}
      </p>
    </div>
  );
}
