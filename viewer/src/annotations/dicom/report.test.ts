import { describe, expect, it } from 'vitest';
import type { DataSet } from '../../dicomweb/dataSet';
import { text } from '../../dicomweb/dataSet';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../../dicomweb/uid';
import type { PicturePoint } from '../../imaging/imagePlane';
import { measured } from '../kinds';
import { type Annotation, type AnnotationKind, annotationKinds, type ImageReference } from '../model';
import { readReport } from './readReport';
import { type ReportDraft, writeReport } from './report';
import { Tag } from './tags';

const image: ImageReference = {
  seriesInstanceUid: '1.2.3.4' as SeriesInstanceUid,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: '1.2.3.4.5' as SopInstanceUid,
  frameNumber: undefined,
};

const measuring = {
  pixel: { column: 0.5, row: 0.5 },
  sizeSource: 'patient',
  values: {
    pixels: Float32Array.from({ length: 10_000 }, (_, at) => at % 97),
    columns: 100,
    rows: 100,
    padding: undefined,
  },
  meaning: { unit: 'HU', factor: 1, isLossy: false },
} as const;

const points: readonly PicturePoint[] = [
  [10, 12],
  [40, 30],
  [22, 35],
  [30, 20],
];

const pointCounts: Readonly<Partial<Record<AnnotationKind, number>>> = { probe: 1, text: 1, spine: 1, angle: 3 };
const allPoints: readonly AnnotationKind[] = ['cobb', 'cardiothoracic', 'freehand', 'bidirectional'];

function drawn(kind: AnnotationKind, more: Partial<Annotation> = {}): Annotation {
  const count = pointCounts[kind] ?? (allPoints.includes(kind) ? 4 : 2);
  return measured(
    {
      uid: `2.25.${annotationKinds.indexOf(kind) + 1}`,
      kind,
      image,
      points: points.slice(0, count),
      label: '',
      labelAt: undefined,
      measures: kind === 'calibration' ? [{ quantity: 'length', value: 50, unit: 'mm' }] : [],
      sizeSource: kind === 'calibration' ? 'manual' : 'patient',
      ...more,
    },
    measuring,
  );
}

const stored: DataSet = {
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'NGUYỄN^VĂN AN' }] },
  '00100020': { vr: 'LO', Value: ['BN-1'] },
  '00080020': { vr: 'DA', Value: ['20260105'] },
  '0020000D': { vr: 'UI', Value: ['1.2.3'] },
  '00280010': { vr: 'US', Value: [100] },
};

function draft(annotations: readonly Annotation[], more: Partial<ReportDraft> = {}): ReportDraft {
  return {
    author: 'bs.lan',
    language: 'vi',
    at: new Date(2026, 10, 23, 8, 5, 9),
    studyInstanceUid: '1.2.3' as StudyInstanceUid,
    sopInstanceUid: '2.25.100',
    series: { uid: '2.25.99', number: 7 },
    instanceNumber: 1,
    annotations,
    belonging: stored,
    modalities: new Map([[image.seriesInstanceUid, 'CT']]),
    predecessors: [],
    ...more,
  };
}

/** What arrives when it is fetched again. */
function fetched(written: DataSet) {
  return readReport(JSON.parse(JSON.stringify(written)) as DataSet);
}

describe('a report', () => {
  it.each(annotationKinds)('opens a %s as it was drawn', (kind) => {
    const annotation = drawn(kind, { label: 'Nốt phổi', labelAt: [60, 61.5] });
    const [opened] = fetched(writeReport(draft([annotation])))?.annotations ?? [];
    if (kind === 'bidirectional') {
      // The longer line stands first: it is drawn alike.
      expect(new Set(opened?.points.map(String))).toEqual(new Set(annotation.points.map(String)));
      expect({ ...opened, points: [] }).toEqual({ ...annotation, points: [] });
    } else if (kind === 'ellipse' || kind === 'rectangle') {
      expect(opened).toEqual({
        ...annotation,
        points: [
          [10, 12],
          [40, 30],
        ],
      });
    } else {
      expect(opened).toEqual(annotation);
    }
  });

  it('opens a region that was drawn from below', () => {
    const [opened] =
      fetched(
        writeReport(
          draft([
            drawn('ellipse', {
              points: [
                [40, 30],
                [10, 12],
              ],
            }),
          ]),
        ),
      )?.annotations ?? [];
    expect(opened?.points).toEqual([
      [10, 12],
      [40, 30],
    ]);
  });

  it('opens frames of instances that have several', () => {
    const onFrame = { ...image, frameNumber: 7 };
    const [opened] = fetched(writeReport(draft([drawn('length', { image: onFrame })])))?.annotations ?? [];
    expect(opened?.image).toEqual(onFrame);
  });

  it.each(['detector', 'manual', 'region', 'none'] as const)('says that sizes rest on: %s', (sizeSource) => {
    const annotation = measured(drawn('ellipse'), { ...measuring, sizeSource });
    expect(fetched(writeReport(draft([annotation])))?.annotations[0]).toEqual(annotation);
  });

  it('says that values are of an image that lossy compression changed', () => {
    for (const kind of ['ellipse', 'probe'] as const) {
      const annotation = measured(drawn(kind), { ...measuring, meaning: { ...measuring.meaning, isLossy: true } });
      expect(annotation.isLossy).toBe(true);
      expect(fetched(writeReport(draft([annotation])))?.annotations[0]).toEqual(annotation);
    }
  });

  it('is of the patient and the study of the image, and of nothing else of it', () => {
    const written = writeReport(draft([drawn('length')]));
    for (const tag of ['00100010', '00100020', '00080020', '0020000D']) {
      expect(written[tag]).toEqual(stored[tag]);
    }
    expect(written['00280010']).toBeUndefined();
    // Type 2: there, if empty.
    expect(written['00100040']).toEqual({ vr: 'CS' });
  });

  it('names its author, its language and those that it follows', () => {
    const predecessors = [
      {
        studyInstanceUid: '1.2.3' as StudyInstanceUid,
        seriesInstanceUid: '2.25.99',
        sopClassUid: '1.2.840.10008.5.1.4.1.1.88.33',
        sopInstanceUid: '2.25.98',
      },
    ];
    const written = writeReport(draft([drawn('length')], { predecessors }));
    expect(text(written, Tag.SpecificCharacterSet)).toBe('ISO_IR 192');
    expect(JSON.stringify(written)).toContain('"vi"');
    expect(fetched(written)).toMatchObject({
      author: 'bs.lan',
      date: '20261123',
      time: '080509.000',
      isOurs: true,
      predecessors: ['2.25.98'],
    });
  });

  it('of nothing is a report still, so that what was taken away stays away', () =>
    expect(fetched(writeReport(draft([])))).toMatchObject({ isOurs: true, annotations: [] }));
});

describe('what is no report of ours', () => {
  it('is no report at all without a class of reports', () =>
    expect(readReport({ [Tag.SopClassUid]: { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] } })).toBeUndefined());

  it('is shown and not worked on, its lines and regions with what was measured', () => {
    const other = {
      ...writeReport(draft([drawn('length', { label: 'Tumour' }), drawn('ellipse')])),
      [Tag.Manufacturer]: { vr: 'LO', Value: ['Another'] },
    };
    const read = fetched(other);
    expect(read?.isOurs).toBe(false);
    expect(read?.annotations.map(({ kind, label }) => [kind, label])).toEqual([
      ['foreign', 'Tumour'],
      ['foreign', 'ellipse 2'],
    ]);
    const [line, ellipse] = read?.annotations ?? [];
    expect(line?.shapes).toEqual([
      {
        kind: 'line',
        points: [
          [10, 12],
          [40, 30],
        ],
      },
    ]);
    expect(line?.measures[0]).toMatchObject({ quantity: 'length', unit: 'mm' });
    expect(ellipse?.shapes?.[0]?.kind).toBe('closed');
    expect(ellipse?.measures.map(({ quantity }) => quantity)).toContain('mean');
  });

  it('does no harm where it is broken', () => {
    const broken: DataSet = {
      [Tag.SopClassUid]: { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.88.33'] },
      [Tag.SopInstanceUid]: { vr: 'UI', Value: ['1.2'] },
      [Tag.ContentSequence]: { vr: 'SQ', Value: [null, 'x', { '0040A040': { vr: 'CS', Value: ['SCOORD'] } }, {}] },
    };
    expect(readReport(broken)?.annotations).toEqual([]);
  });
});
