import type { Said } from './said';

export const said = {
  rangeUnderflow: ({ minValue }) => `Ngày phải từ ${minValue} trở đi.`,
  rangeOverflow: ({ maxValue }) => `Ngày không được sau ${maxValue}.`,
  rangeReversed: 'Ngày đầu phải trước ngày cuối.',
  unavailableDate: 'Không chọn được ngày này.',
} satisfies Said;
