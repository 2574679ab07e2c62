import { describe, expect, it } from 'vitest';
import type { Series } from '../dicomweb/series';
import type { Study } from '../dicomweb/studies';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import type { Frame } from '../imaging/frames';
import { aFrame } from '../imaging/testFrame';
import { instanceOf, singleViewport } from '../viewport/layout';
import { createReading } from '../viewport/readingState';
import { builtInProtocols } from './builtIn';
import { type HungStudy, ofImages, ofSeries } from './candidates';
import { comparePrior, hangBy, nothingToHang, protocolOf, stepStage } from './hanging';
import { fitting, hang, layoutOf } from './matching';
import { nearestPrior, priorsOf } from './priors';
import type { Protocol } from './protocol';

function aStudy(uid: string, known: Partial<Study> = {}): Study {
  return {
    studyInstanceUid: uid as StudyInstanceUid,
    patientName: 'NGUYEN VAN AN',
    patientId: 'BN1',
    issuerOfPatientId: undefined,
    patientSex: 'F',
    patientBirthDate: '19700101',
    patientAge: undefined,
    studyDate: '20261120',
    studyTime: undefined,
    studyDescription: undefined,
    accessionNumber: undefined,
    modalities: [],
    seriesCount: undefined,
    instanceCount: undefined,
    ...known,
  };
}

function aSeries(uid: string, modality: string, known: Partial<Series> = {}): Series {
  return {
    seriesInstanceUid: uid as SeriesInstanceUid,
    seriesNumber: 1,
    modality,
    description: undefined,
    bodyPart: undefined,
    instanceCount: 1,
    ...known,
  };
}

function anImage(uid: string, view: string | undefined, laterality?: 'L' | 'R'): Frame {
  return aFrame({
    sopInstanceUid: uid as SopInstanceUid,
    projection: { isMammogram: laterality !== undefined, laterality, view },
  });
}

function hungStudy(study: Study, series: readonly (readonly [Series, readonly Frame[]])[]): HungStudy {
  return {
    study,
    list: series.map(([one]) => one),
    frames: new Map(series.map(([one, frames]) => [one.seriesInstanceUid, frames])),
  };
}

/** Four views, each a series of its own or all in one, in no useful order. */
function mammograms(uid: string, isOneSeries: boolean): HungStudy {
  const images = (['L MLO', 'R CC', 'L CC', 'R MLO'] as const).map((name) => {
    const [side, view] = name.split(' ') as ['L' | 'R', string];
    return anImage(`${uid}.${name.replace(' ', '')}`, view, side);
  });
  return hungStudy(
    aStudy(uid, { modalities: ['MG'] }),
    isOneSeries
      ? [[aSeries(`${uid}.1`, 'MG'), images]]
      : images.map((image, at) => [aSeries(`${uid}.${at}`, 'MG'), [image]] as const),
  );
}

function best(hung: HungStudy, prior?: HungStudy): { protocol: Protocol; stages: (string | undefined)[][] } {
  const candidates = {
    series: [...ofSeries(hung, false), ...(prior ? ofSeries(prior, true) : [])],
    image: [...ofImages(hung, false), ...(prior ? ofImages(prior, true) : [])],
  };
  const protocols = fitting(builtInProtocols, hung.study.studyDescription, (unit) => candidates[unit]);
  const protocol = protocols.find((one) => hang(one, candidates[one.unit]).length > 0);
  if (!protocol) {
    throw new Error('nothing fits');
  }
  const stages = hang(protocol, candidates[protocol.unit]);
  return {
    protocol,
    stages: stages.map(({ found }) => found.map((content) => instanceOf(content) ?? content?.series)),
  };
}

describe('mammography', () => {
  for (const isOneSeries of [true, false]) {
    it(`is hung with the right breast on the left, from ${isOneSeries ? 'one series' : 'four'}`, () => {
      const { protocol, stages } = best(mammograms('9', isOneSeries));
      expect(protocol.id).toBe('mammography');
      expect(stages.slice(0, 3)).toEqual([
        ['9.RCC', '9.LCC', '9.RMLO', '9.LMLO'],
        ['9.RCC', '9.LCC'],
        ['9.RMLO', '9.LMLO'],
      ]);
    });
  }

  it('is hung over the earlier one after that', () => {
    const { stages } = best(mammograms('9', true), mammograms('8', false));
    expect(stages).toContainEqual(['9.RCC', '9.LCC', '8.RCC', '8.LCC']);
    expect(stages).toContainEqual(['9.RMLO', '9.LMLO', '8.RMLO', '8.LMLO']);
  });

  it('keeps the place of a view that is missing, and shows no comparison without its other half', () => {
    const whole = mammograms('9', false);
    const hung = { ...whole, list: whole.list.filter(({ seriesInstanceUid }) => seriesInstanceUid !== '9.1') };
    const { stages } = best(hung);
    expect(stages[0]).toEqual([undefined, '9.LCC', '9.RMLO', '9.LMLO']);
    expect(stages).not.toContainEqual(['9.LCC', undefined]);
    expect(
      best(mammograms('9', false))
        .stages.flat()
        .some((uid) => uid?.startsWith('8')),
    ).toBe(false);
  });
});

describe('an X-ray of the chest', () => {
  const chest = (uid: string, ...views: string[]) =>
    hungStudy(aStudy(uid, { modalities: ['CR'] }), [
      [aSeries(`${uid}.1`, 'CR', { bodyPart: 'CHEST' }), views.map((view) => anImage(`${uid}.${view}`, view))],
    ]);

  it('has the frontal view first, the lateral one, and the earlier frontal one', () => {
    const { protocol, stages } = best(chest('9', 'LL', 'PA'), chest('8', 'PA'));
    expect(protocol.id).toBe('chest');
    expect(stages.slice(0, 3)).toEqual([
      ['9.PA', '9.LL', '8.PA'],
      ['9.PA', '8.PA'],
      ['9.PA', '9.LL'],
    ]);
  });

  it('needs neither', () => {
    expect(best(chest('9', 'LL', 'PA')).stages[0]).toEqual(['9.PA', '9.LL']);
    expect(best(chest('9', 'AP')).stages).toEqual([['9.AP']]);
  });

  it('is known by its description in Vietnamese as well', () => {
    const described = hungStudy(aStudy('9', { modalities: ['DX'], studyDescription: 'X quang ngực thẳng' }), [
      [aSeries('9.1', 'DX', { description: 'Ngực thẳng' }), [anImage('9.1.1', undefined)]],
    ]);
    expect(best(described)).toMatchObject({ protocol: { id: 'chest' }, stages: [['9.1.1']] });
  });
});

describe('series', () => {
  const many = (modality: string, ...names: string[]) =>
    hungStudy(
      aStudy('9', { modalities: [modality] }),
      names.map((name) => [aSeries(`9.${name}`, modality, { description: name, instanceCount: 20 }), []] as const),
    );

  it('of MR are hung four by four, without localizers, and one after the other', () => {
    const hung = many('MR', 'Localizer', 'T1', 'T2', 'FLAIR', 'DWI', 'ADC');
    const frames = new Map(hung.list.map(({ seriesInstanceUid }) => [seriesInstanceUid as string, [aFrame({})]]));
    const { protocol, stages } = best({ ...hung, frames });
    expect(protocol.id).toBe('mr');
    expect(stages.slice(0, 2)).toEqual([['9.T1', '9.T2', '9.FLAIR', '9.DWI'], ['9.ADC']]);
  });

  it('of CT begin with the first stack', () => {
    const hung = many('CT', 'Topogram', 'Lung', 'Soft');
    expect(best({ ...hung, frames: new Map() }).stages[0]).toEqual(['9.Lung']);
  });
});

it('ultrasound is a grid, as small as it can be, of page after page', () => {
  const images = (count: number) =>
    hungStudy(aStudy('9', { modalities: ['US'] }), [
      [aSeries('9.1', 'US'), Array.from({ length: count }, (_, at) => anImage(`9.1.${at}`, undefined))],
    ]);
  const grids = (count: number) =>
    hang(builtInProtocols.find(({ id }) => id === 'ultrasound') as Protocol, ofImages(images(count), false)).map(
      ({ rows, columns }) => [rows, columns],
    );
  expect(grids(1)).toEqual([[1, 1]]);
  expect(grids(3).slice(0, 2)).toEqual([
    [2, 2],
    [1, 1],
  ]);
  expect(grids(6).slice(0, 2)).toEqual([
    [2, 2],
    [1, 2],
  ]);
});

it('a hung layout stays as it was hung', () => {
  const content = { kind: 'stack', study: '1' as StudyInstanceUid, series: '2' as SeriesInstanceUid } as const;
  expect(layoutOf({ rows: 1, columns: 2, found: [undefined, content] })).toEqual({
    rows: 1,
    columns: 2,
    cells: [undefined, content],
    active: 1,
    isOneUp: false,
    keepsEmpty: true,
  });
});

describe('a page', () => {
  const [now, before] = [mammograms('9', false), mammograms('8', true)];
  const page = () => {
    const reading = createReading(now.study.studyInstanceUid, singleViewport);
    const candidates = {
      series: [...ofSeries(now, false), ...ofSeries(before, true)],
      image: [...ofImages(now, false), ...ofImages(before, true)],
    };
    reading.store.setState({
      hanging: { ...nothingToHang, candidates, protocols: builtInProtocols.slice(0, 1), knowsPriors: true },
    });
    return reading;
  };
  const shown = (reading: ReturnType<typeof page>) =>
    reading.store.getState().layout.cells.map((content) => instanceOf(content));

  it('is leafed through stage by stage, and stops at the ends', () => {
    const reading = page();
    stepStage(reading, 1);
    expect(shown(reading)).toEqual(['9.RCC', '9.LCC', '9.RMLO', '9.LMLO']);
    stepStage(reading, 1);
    expect(shown(reading)).toEqual(['9.RCC', '9.LCC']);
    stepStage(reading, -1);
    stepStage(reading, -1);
    expect(shown(reading)).toEqual(['9.RCC', '9.LCC', '9.RMLO', '9.LMLO']);
  });

  it('shows the same view of the earlier study beside what is active', () => {
    const reading = page();
    stepStage(reading, 1);
    reading.arrange((layout) => ({ ...layout, active: 3 }));
    expect(comparePrior(reading)).toBe(true);
    expect(shown(reading)).toEqual(['9.LMLO', '8.LMLO']);
  });

  it('says that there is nothing to compare with', () => {
    const reading = page();
    reading.store.setState(({ hanging }) => ({
      hanging: { ...hanging, candidates: { series: ofSeries(now, false), image: ofImages(now, false) } },
    }));
    expect(comparePrior(reading)).toBe(false);
  });

  it('can be kept as a protocol that hangs another study the same way', () => {
    const reading = page();
    stepStage(reading, 1);
    reading.arrange((layout) => {
      const [rcc, lcc] = layout.cells;
      return { ...layout, rows: 1, columns: 3, cells: [lcc, undefined, rcc], active: 0 };
    });
    const { hanging, layout } = reading.store.getState();
    const kept = protocolOf(hanging, layout);
    expect(kept).toMatchObject({ studies: { modalities: ['MG'], bodyParts: ['BREAST'] }, unit: 'image' });
    const own: Protocol = { id: 'hanging.1', name: 'Của tôi', ...(kept as Omit<Protocol, 'id'>) };
    const other = ofImages(mammograms('7', true), false);
    expect(fitting([...builtInProtocols, own], undefined, () => other)[0]).toBe(own);
    expect(hang(own, other)[0]?.found.map((content) => instanceOf(content))).toEqual(['7.LCC', undefined, '7.RCC']);
    expect(hangBy(reading, own)).toBe(true);
  });
});

describe('priors', () => {
  const read = { study: aStudy('9', { modalities: ['CR'] }), list: [aSeries('9.1', 'CR', { bodyPart: 'CHEST' })] };
  const found = [
    aStudy('9'),
    aStudy('1', { studyDate: '20240101', modalities: ['CR'] }),
    aStudy('2', { studyDate: '20261101', modalities: ['CR'] }),
    aStudy('3', { studyDate: '20250101', modalities: ['CT'], studyDescription: 'CT ngực' }),
    aStudy('4', { studyDate: '20260101', modalities: ['CR'], patientName: 'TRAN THI BINH' }),
    aStudy('5', { studyDate: '20261201', modalities: ['CR'] }),
    aStudy('6', { patientId: 'BN10', modalities: ['CR'] }),
    aStudy('7', { issuerOfPatientId: 'KHÁC', modalities: ['CR'] }),
  ];
  const chest = [aSeries('s', 'CR', { bodyPart: 'THORAX' })];
  const seriesOf = new Map(['1', '4', '5', '6', '7'].map((uid) => [uid, chest] as const));
  const priors = priorsOf(read, found, seriesOf);

  it('are of the same patient of the same issuer only, those of the same body part first', () => {
    expect(priors.map(({ study }) => study.studyInstanceUid)).toEqual(['5', '4', '3', '1', '2']);
  });

  it('are compared by themselves only if it surely is the same person, the same part and before', () => {
    expect(nearestPrior(read.study, read.list, priors)?.study.studyInstanceUid).toBe('1');
    expect(priors.find(({ study }) => study.studyInstanceUid === '4')?.isSure).toBe(false);
  });

  it('of a patient without ID are none', () => {
    const nobody = { ...read, study: aStudy('9', { patientId: undefined }) };
    expect(priorsOf(nobody, [aStudy('1', { patientId: undefined })], new Map())).toEqual([]);
  });
});
