import type { Said } from './said';

export const said = {
  previous: 'Trước',
  next: 'Sau',
  selectedDateDescription: ({ date }) => `Ngày đã chọn: ${date}`,
  selectedRangeDescription: ({ dateRange }) => `Khoảng đã chọn: ${dateRange}`,
  todayDate: ({ date }) => `Hôm nay, ${date}`,
  todayDateSelected: ({ date }) => `Hôm nay, ${date}, đã chọn`,
  dateSelected: ({ date }) => `${date}, đã chọn`,
  startRangeSelectionPrompt: 'Bấm để chọn ngày bắt đầu',
  finishRangeSelectionPrompt: 'Bấm để chọn ngày kết thúc',
  minimumDate: 'Ngày đầu tiên có thể chọn',
  maximumDate: 'Ngày cuối cùng có thể chọn',
  dateRange: ({ startDate, endDate }) => `${startDate} đến ${endDate}`,
} satisfies Said;
