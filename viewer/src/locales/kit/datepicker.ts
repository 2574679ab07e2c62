import type { Said } from './said';

export const said = {
  era: 'kỷ nguyên',
  year: 'năm',
  month: 'tháng',
  day: 'ngày',
  hour: 'giờ',
  minute: 'phút',
  second: 'giây',
  dayPeriod: 'sáng hay chiều',
  calendar: 'Lịch',
  startDate: 'Ngày đầu',
  endDate: 'Ngày cuối',
  weekday: 'thứ trong tuần',
  timeZoneName: 'múi giờ',
  selectedDateDescription: ({ date }) => `Ngày đã chọn: ${date}`,
  selectedRangeDescription: ({ startDate, endDate }) => `Khoảng đã chọn: ${startDate} đến ${endDate}`,
  selectedTimeDescription: ({ time }) => `Giờ đã chọn: ${time}`,
} satisfies Said;
