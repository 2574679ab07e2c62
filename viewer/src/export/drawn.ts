/** What readers drew on a picture that leaves, as it is on the screen, and whether they marked it as a key image. */
import type { TFunction } from 'i18next';
import type { DeskState } from '../annotations/desk';
import { shapesOf } from '../annotations/kinds';
import { labelPlace, type ToScreen } from '../annotations/labelPlace';
import { looks } from '../annotations/looks';
import { linesOf } from '../annotations/measureText';
import { type Annotation, isSameImage, referenceTo } from '../annotations/model';
import { shapePath } from '../annotations/paths';
import { screenAt } from '../imaging/placement';
import type { Developed } from '../viewport/viewState';
import { sizeOf, write } from './marks';
import { type SceneOverlay, svg } from './scene';

/** Of the letters on the screen, in its pixels. */
const letterPixels = 13;

export type Drawings = Pick<DeskState, 'marks' | 'foreign' | 'areShown'>;

function drawn(
  annotation: Annotation,
  toPicture: ToScreen,
  size: number,
  words: { readonly language: string; readonly t: TFunction },
): SVGElement[] {
  const unit = size / letterPixels;
  const colour = annotation.kind === 'foreign' ? looks.foreign : looks.own;
  const d = shapesOf(annotation)
    .map((shape) => shapePath(shape, toPicture, unit))
    .join('');
  const line = { d, fill: 'none', 'stroke-linecap': 'round' };
  const [x, y] = labelPlace(annotation, toPicture, unit);
  return [
    svg('path', { ...line, stroke: '#000', 'stroke-opacity': 0.55, 'stroke-width': 3.5 * unit }),
    svg('path', { ...line, stroke: colour, 'stroke-width': 1.5 * unit }),
    ...linesOf(annotation, words.language, words.t).map((text, at) =>
      write(text, x, y + at * size * 1.25, size, 'start', { fill: colour, weight: 500 }),
    ),
  ];
}

export function drawnOverlay(
  { marks, foreign }: Drawings,
  words: { readonly language: string; readonly t: TFunction },
): SceneOverlay {
  return (developed: Developed) => {
    const { series, frame, placement, canvas } = developed;
    const image = referenceTo(series, frame);
    const size = sizeOf(developed);
    const toPicture: ToScreen = (point) => screenAt(placement, point) ?? [0, 0];
    const here = [...marks.annotations, ...foreign].filter((annotation) => isSameImage(annotation.image, image));
    const isKey = marks.keyImages.some((key) => isSameImage(key, image));
    return [
      ...here.flatMap((annotation) => drawn(annotation, toPicture, size, words)),
      ...(isKey
        ? [
            write(`★ ${words.t('annotations.keyImage')}`, canvas.width / 2 + 2 * size, size * 1.5, size, 'start', {
              fill: '#ffd84d',
            }),
          ]
        : []),
    ];
  };
}
