/** The protocols that everybody has, the most special first. */
import type { CellRule, Protocol, Stage } from './protocol';

const frontal: CellRule = { views: ['PA', 'AP'] };
const lateral: CellRule = { views: ['LL', 'RL', 'LAT', 'LATERAL', 'LLD', 'RLD'] };
const prior = (rule: CellRule): CellRule => ({ ...rule, isPrior: true });

const breast = (laterality: 'L' | 'R', ...views: string[]): CellRule => ({ laterality, views });
const [rcc, lcc] = [breast('R', 'CC', 'XCCL', 'XCCM', 'XCC'), breast('L', 'CC', 'XCCL', 'XCCM', 'XCC')];
const [rmlo, lmlo] = [breast('R', 'MLO', 'ML', 'LM'), breast('L', 'MLO', 'ML', 'LM')];

/** So many of those that fit, in their order. */
function grid(rows: number, columns: number, rule: CellRule = {}): Stage {
  return {
    rows,
    columns,
    cells: Array.from({ length: rows * columns }, (_, place) => ({ ...rule, place })),
    needs: 1,
    shrinks: true,
    repeats: true,
  };
}

function beside(...cells: CellRule[]): Stage {
  return { rows: 1, columns: cells.length, cells };
}

/** Localizers, dose sheets and screen captures are not what is read. */
const undescribed = [
  'scout',
  'localizer',
  'localiser',
  'topogram',
  'surview',
  'survey',
  'loc',
  'dose',
  'smart',
  'report',
];
const stack: CellRule = { undescribed, atLeastImages: 5 };

export const builtInProtocols: readonly Protocol[] = [
  {
    id: 'mammography',
    studies: { modalities: ['MG'] },
    unit: 'image',
    stages: [
      { rows: 2, columns: 2, cells: [rcc, lcc, rmlo, lmlo], needs: 2 },
      beside(rcc, lcc),
      beside(rmlo, lmlo),
      { rows: 2, columns: 2, cells: [rcc, lcc, prior(rcc), prior(lcc)], needs: 2 },
      { rows: 2, columns: 2, cells: [rmlo, lmlo, prior(rmlo), prior(lmlo)], needs: 2 },
      grid(1, 2),
    ],
  },
  {
    id: 'chest',
    studies: { modalities: ['CR', 'DX'], bodyParts: ['CHEST'] },
    unit: 'image',
    stages: [
      beside(frontal, lateral, prior(frontal)),
      beside(frontal, prior(frontal)),
      beside(frontal, lateral),
      grid(1, 4),
      beside({}),
    ],
  },
  {
    id: 'radiography',
    studies: { modalities: ['CR', 'DX', 'RG'] },
    unit: 'image',
    stages: [grid(1, 4), beside({}, prior({})), beside({})],
  },
  {
    id: 'ct',
    studies: { modalities: ['CT'] },
    unit: 'series',
    stages: [
      beside(stack),
      beside({ ...stack, place: 0 }, { ...stack, place: 1 }),
      beside(stack, prior(stack)),
      beside({}),
    ],
  },
  {
    id: 'mr',
    studies: { modalities: ['MR'], atLeastSeries: 2 },
    unit: 'series',
    stages: [grid(2, 2, { undescribed }), beside({ undescribed }, prior({ undescribed })), beside({ undescribed })],
  },
  {
    id: 'ultrasound',
    studies: { modalities: ['US'] },
    unit: 'image',
    stages: [grid(2, 2), grid(1, 1)],
  },
  {
    id: 'angiography',
    studies: { modalities: ['XA', 'RF'] },
    unit: 'image',
    stages: [grid(1, 1), grid(2, 2)],
  },
  {
    id: 'single',
    studies: {},
    unit: 'series',
    stages: [beside({}), grid(2, 2), beside({}, prior({}))],
  },
];
