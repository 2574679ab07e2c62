import { describe, expect, it } from 'vitest';
import type { DataSet } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import type { SopInstanceUid } from '../dicomweb/uid';
import { aFrame } from '../imaging/testFrame';
import { arrangementOf } from './arrangement';
import { graphicsOn } from './graphics';
import { isFor, readState } from './state';
import { PresentationTag } from './tags';

const value = (vr: string, ...Value: unknown[]) => ({ vr, Value });
const frame = (uid: string, frameNumber = 1) => aFrame({ sopInstanceUid: uid as SopInstanceUid, frameNumber });
const image = (uid: string, ...frames: number[]): DataSet => ({
  [PresentationTag.ReferencedSopInstanceUid]: value('UI', uid),
  ...(frames.length > 0 ? { [PresentationTag.ReferencedFrameNumber]: value('IS', ...frames) } : {}),
});
const state = (more: DataSet = {}): DataSet => ({
  [Tag.SopClassUid]: value('UI', '1.2.840.10008.5.1.4.1.1.11.1'),
  [Tag.SopInstanceUid]: value('UI', '1.7'),
  [PresentationTag.ReferencedSeriesSequence]: value('SQ', {
    [PresentationTag.ReferencedImageSequence]: value('SQ', image('1.1'), image('1.2', 3, 4)),
  }),
  ...more,
});

describe('a presentation state', () => {
  it('is for the images and frames that it names', () => {
    const read = readState(state());
    const meant = [frame('1.1'), frame('1.1', 9), frame('1.2', 3), frame('1.2', 1), frame('1.3')];
    expect(read && meant.map((each) => isFor(read, each))).toEqual([true, true, true, false, false]);
  });

  it('is another system’s', () => {
    expect(readState(state({ [PresentationTag.Manufacturer]: value('LO', 'Filmless') }))).toBeUndefined();
    expect(readState(state({ [Tag.SopClassUid]: value('UI', '1.2.840.10008.5.1.4.1.1.2') }))).toBeUndefined();
  });

  it('says what of it is not followed', () => {
    expect(readState(state())?.leftOut).toEqual([]);
    const found = readState(
      state({
        [Tag.SopClassUid]: value('UI', '1.2.840.10008.5.1.4.1.1.11.4'),
        [PresentationTag.MaskSubtractionSequence]: value('SQ', {}),
        [PresentationTag.DisplayedAreaSelectionSequence]: value('SQ', {
          [PresentationTag.PresentationSizeMode]: value('CS', 'TRUE SIZE'),
        }),
        [PresentationTag.GraphicAnnotationSequence]: value('SQ', {
          [PresentationTag.CompoundGraphicSequence]: value('SQ', {}),
          [PresentationTag.GraphicObjectSequence]: value('SQ', {
            [PresentationTag.GraphicAnnotationUnits]: value('CS', 'MATRIX'),
          }),
        }),
      }),
    )?.leftOut;
    expect(found).toEqual(['kind', 'mask', 'compound', 'matrix', 'trueSize']);
  });

  it('lays its images: turned by quarters, flipped, an area of either corner', () => {
    const laid = (more: DataSet) => arrangementOf(state(more), frame('1.1'));
    const area = (x0: number, y0: number, x1: number, y1: number, more: DataSet = {}): DataSet => ({
      [PresentationTag.DisplayedAreaSelectionSequence]: value('SQ', {
        [PresentationTag.DisplayedAreaTopLeft]: value('SL', x0, y0),
        [PresentationTag.DisplayedAreaBottomRight]: value('SL', x1, y1),
        ...more,
      }),
    });
    expect(laid({})).toEqual({ rotation: 0, isFlipped: false, area: undefined });
    expect(
      laid({
        [PresentationTag.ImageRotation]: value('US', 270),
        [PresentationTag.ImageHorizontalFlip]: value('CS', 'Y'),
        ...area(3, 2, 1, 1),
      }),
    ).toEqual({
      rotation: 270,
      isFlipped: true,
      area: { topLeft: [-0.5, -0.5], bottomRight: [2.5, 1.5], magnification: undefined },
    });
    expect(laid({ [PresentationTag.ImageRotation]: value('US', 45) }).rotation).toBe(0);
    const ratio = { [PresentationTag.PresentationPixelMagnificationRatio]: value('FL', 3) };
    expect(laid(area(1, 1, 9, 9, ratio)).area?.magnification).toBeUndefined();
    const mode = { ...ratio, [PresentationTag.PresentationSizeMode]: value('CS', 'MAGNIFY') };
    expect(laid(area(1, 1, 9, 9, mode)).area?.magnification).toBe(3);
    expect(laid(area(-(2 ** 31), 0, 2 ** 31 - 1, 1)).area).toBeUndefined();
  });
});

describe('what a presentation state draws', () => {
  const graphic = (type: string, units: string, ...data: number[]): DataSet => ({
    [PresentationTag.GraphicAnnotationUnits]: value('CS', units),
    [PresentationTag.GraphicType]: value('CS', type),
    [PresentationTag.GraphicData]: value('FL', ...data),
  });
  const annotation = (layer: string, more: DataSet): DataSet => ({
    [PresentationTag.GraphicLayer]: value('CS', layer),
    ...more,
  });
  const drawing = (...annotations: DataSet[]): DataSet => ({
    [PresentationTag.GraphicLayerSequence]: value(
      'SQ',
      { [PresentationTag.GraphicLayer]: value('CS', 'ABOVE'), [PresentationTag.GraphicLayerOrder]: value('IS', 2) },
      {
        [PresentationTag.GraphicLayer]: value('CS', 'BELOW'),
        [PresentationTag.GraphicLayerOrder]: value('IS', 1),
        [PresentationTag.GraphicLayerRecommendedDisplayGrayscaleValue]: value('US', 0x8080),
      },
    ),
    [PresentationTag.GraphicAnnotationSequence]: value('SQ', ...annotations),
  });
  const graphics = (...objects: DataSet[]) => ({ [PresentationTag.GraphicObjectSequence]: value('SQ', ...objects) });

  it('is of its layer: the lowest first, in the grey of that', () => {
    const point = graphic('POINT', 'PIXEL', 1, 1);
    const found = graphicsOn(
      drawing(annotation('ABOVE', graphics(point)), annotation('BELOW', graphics(point))),
      frame('1.1'),
    );
    expect(found.graphics.map(({ colour }) => colour[0])).toEqual([128, 255]);
  });

  it('counts from the corner of the first pixel, or in shares of the display', () => {
    const line = graphicsOn(
      drawing(
        annotation(
          'ABOVE',
          graphics(graphic('POLYLINE', 'PIXEL', 0, 0, 10, 5), graphic('POLYLINE', 'DISPLAY', 0, 0, 1, 1)),
        ),
      ),
      frame('1.1'),
    );
    expect(line.graphics.map(({ of, points }) => [of, points])).toEqual([
      [
        'picture',
        [
          [-0.5, -0.5],
          [9.5, 4.5],
        ],
      ],
      [
        'display',
        [
          [0, 0],
          [1, 1],
        ],
      ],
    ]);
  });

  it('has circles, ellipses and curves through their points', () => {
    const found = graphicsOn(
      drawing(
        annotation(
          'ABOVE',
          graphics(
            graphic('CIRCLE', 'PIXEL', 10.5, 10.5, 15.5, 10.5),
            graphic('ELLIPSE', 'PIXEL', 0.5, 10.5, 20.5, 10.5, 10.5, 5.5, 10.5, 15.5),
            graphic('INTERPOLATED', 'PIXEL', 0.5, 0.5, 4.5, 0.5, 8.5, 4.5),
            graphic('CIRCLE', 'PIXEL', 1, 1),
            graphic('<b>', 'PIXEL', 1, 1, 2, 2),
            graphic('POLYLINE', 'MATRIX', 1, 1, 2, 2),
          ),
        ),
      ),
      frame('1.1'),
    ).graphics;
    expect(found).toHaveLength(3);
    const widths = found.map(({ points }) => Math.max(...points.map(([x]) => x)) - Math.min(...points.map(([x]) => x)));
    expect(widths.map(Math.round)).toEqual([10, 20, 8]);
    expect(found[2]?.points).toContainEqual([4, 0]);
  });

  it('is of the image that is meant, and bounded', () => {
    const many = Array.from({ length: 6_000 }, () => graphic('POINT', 'PIXEL', 1, 1));
    const about = { [PresentationTag.ReferencedImageSequence]: value('SQ', image('1.2', 3)) };
    const drawn = drawing(annotation('ABOVE', { ...graphics(...many), ...about }));
    expect(graphicsOn(drawn, frame('1.1')).graphics).toEqual([]);
    expect(graphicsOn(drawn, frame('1.2', 3)).graphics).toHaveLength(5_000);
  });

  it('and what it writes stays text, in lines, in its box or at its anchor', () => {
    const object = (more: DataSet): DataSet => ({
      [PresentationTag.UnformattedTextValue]: value('ST', '<b>Gan</b>\r\nphải'),
      ...more,
    });
    const box: DataSet = {
      [PresentationTag.BoundingBoxAnnotationUnits]: value('CS', 'PIXEL'),
      [PresentationTag.BoundingBoxTopLeft]: value('FL', 10.5, 20.5),
      [PresentationTag.BoundingBoxBottomRight]: value('FL', 30.5, 40.5),
      [PresentationTag.BoundingBoxTextHorizontalJustification]: value('CS', 'RIGHT'),
    };
    const anchor: DataSet = {
      [PresentationTag.AnchorPointAnnotationUnits]: value('CS', 'DISPLAY'),
      [PresentationTag.AnchorPoint]: value('FL', 0.5, 0.25),
    };
    const texts = { [PresentationTag.TextObjectSequence]: value('SQ', object(box), object(anchor), object({})) };
    const found = graphicsOn(drawing(annotation('ABOVE', texts)), frame('1.1')).texts;
    expect(found).toHaveLength(2);
    expect(found[0]).toMatchObject({
      lines: ['<b>Gan</b>', 'phải'],
      align: 'end',
      bounds: [{ of: 'picture', at: [10, 20] }, { at: [30, 40] }],
    });
    expect(found[1]?.anchor).toEqual({ of: 'display', at: [0.5, 0.25] });
  });
});
