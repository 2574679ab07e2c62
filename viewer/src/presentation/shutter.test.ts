import { describe, expect, it } from 'vitest';
import type { DataSet } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import { shutterOf, shutterOfFrame } from './shutter';
import { PresentationTag } from './tags';

const value = (vr: string, ...Value: unknown[]) => ({ vr, Value });
const picture = { rows: 100, columns: 200, aspect: 1 };

const edges = (left: number, right: number, upper: number, lower: number): DataSet => ({
  [PresentationTag.ShutterShape]: value('CS', 'RECTANGULAR'),
  [PresentationTag.ShutterLeftVerticalEdge]: value('IS', left),
  [PresentationTag.ShutterRightVerticalEdge]: value('IS', right),
  [PresentationTag.ShutterUpperHorizontalEdge]: value('IS', upper),
  [PresentationTag.ShutterLowerHorizontalEdge]: value('IS', lower),
});
const circle = (row: number, column: number, radius: number): DataSet => ({
  [PresentationTag.ShutterShape]: value('CS', 'CIRCULAR'),
  [PresentationTag.CenterOfCircularShutter]: value('IS', row, column),
  [PresentationTag.RadiusOfCircularShutter]: value('IS', radius),
});

function extent(outline: readonly (readonly [number, number])[] = []) {
  const [across, down] = [outline.map(([x]) => x), outline.map(([, y]) => y)];
  return [Math.min(...across), Math.max(...across), Math.min(...down), Math.max(...down)];
}

describe('a shutter', () => {
  it('leaves the columns and rows of its edges open, whichever is named first', () => {
    expect(extent(shutterOf(edges(1, 10, 2, 5), picture)?.openings[0])).toEqual([-0.5, 9.5, 0.5, 4.5]);
    expect(extent(shutterOf(edges(10, 1, 5, 2), picture)?.openings[0])).toEqual([-0.5, 9.5, 0.5, 4.5]);
  });

  it('is as round on the screen as it is meant, also where pixels are higher than wide', () => {
    const [left, right, top, bottom] = extent(shutterOf(circle(51, 101, 40), { ...picture, aspect: 2 })?.openings[0]);
    expect([left, right, top, bottom]).toEqual([60, 140, 30, 70]);
  });

  it('may have several shapes, a polygon of rows and columns among them', () => {
    const shutter = shutterOf(
      {
        ...edges(1, 100, 1, 100),
        ...circle(50, 100, 10),
        [PresentationTag.ShutterShape]: value('CS', 'RECTANGULAR', 'CIRCULAR', 'POLYGONAL'),
        [PresentationTag.VerticesOfThePolygonalShutter]: value('IS', 1, 2, 1, 20, 30, 20),
      },
      picture,
    );
    expect(shutter?.openings).toHaveLength(3);
    expect(shutter?.openings[2]).toEqual([
      [1, 0],
      [19, 0],
      [19, 29],
    ]);
  });

  it('that would hide all of the picture is not believed', () => {
    for (const dataSet of [
      edges(900, 950, 1, 100),
      circle(50, 50, 0),
      circle(50, 50, -3),
      {
        [PresentationTag.ShutterShape]: value('CS', 'POLYGONAL'),
        [PresentationTag.VerticesOfThePolygonalShutter]: value('IS', 1, 1, 5),
      },
      { [PresentationTag.ShutterShape]: value('CS', 'CIRCULAR') },
      { [PresentationTag.ShutterShape]: value('CS', '<b>') },
    ] as DataSet[]) {
      expect(shutterOf(dataSet, picture)).toBeUndefined();
    }
  });

  it('covers in its grey or colour, black if none is named', () => {
    const of = (more: DataSet) => shutterOf({ ...edges(1, 2, 1, 2), ...more }, picture)?.colour;
    expect(of({})).toEqual([0, 0, 0]);
    expect(of({ [PresentationTag.ShutterPresentationValue]: value('US', 0x8080) })).toEqual([128, 128, 128]);
    const white = value('US', 65_535, 32_896, 32_896);
    expect(of({ [PresentationTag.ShutterPresentationColorCieLabValue]: white })).toEqual([255, 255, 255]);
  });

  it('may be a bitmap', () => {
    const bitmap = {
      [PresentationTag.ShutterShape]: value('CS', 'BITMAP'),
      [PresentationTag.ShutterOverlayGroup]: value('US', 0x600a),
    };
    expect(shutterOf(bitmap, picture)).toMatchObject({ openings: [], bitmapGroup: '600A' });
  });

  it('of a frame counts before that of all frames, and that before the one of the image', () => {
    const group = (shutter: DataSet): DataSet => ({
      [PresentationTag.FrameDisplayShutterSequence]: value('SQ', shutter),
    });
    const instance = {
      ...edges(1, 3, 1, 3),
      [Tag.SharedFunctionalGroups]: value('SQ', group(edges(1, 2, 1, 2))),
      [Tag.PerFrameFunctionalGroups]: value('SQ', {}, group(edges(1, 1, 1, 1))),
    };
    const right = (of: DataSet, frame: number) => extent(shutterOfFrame(of, frame, picture)?.openings[0])[1];
    expect([right(instance, 1), right(instance, 2), right(edges(1, 3, 1, 3), 7)]).toEqual([1.5, 0.5, 2.5]);
    expect(shutterOfFrame({}, 1, picture)).toBeUndefined();
  });
});
