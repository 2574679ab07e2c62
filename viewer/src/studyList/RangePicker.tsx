/** The span of study dates, typed or picked from a calendar; dd/mm/yyyy in both languages. */
import { parseDate as parseCalendarDate } from '@internationalized/date';
import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react';
import {
  Button as AriaButton,
  CalendarCell,
  CalendarGrid,
  DateInput,
  DateRangePicker,
  DateSegment,
  Dialog,
  Group,
  Heading,
  Label,
  Popover,
  RangeCalendar,
} from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { toDicomDate } from '../imaging/dates';
import { type FilterProps, parseRange, without } from './filters';

const iconButton =
  'inline-flex size-7 items-center justify-center rounded text-soft hover:bg-hover hover:text-ink cursor-default';

function calendarDate(dicomDate: string) {
  return parseCalendarDate(`${dicomDate.slice(0, 4)}-${dicomDate.slice(4, 6)}-${dicomDate.slice(6, 8)}`);
}

export function RangePicker({ filters, onChange }: FilterProps) {
  const { t } = useTranslation();
  const range = parseRange(filters.date);
  return (
    <DateRangePicker
      value={range ? { start: calendarDate(range.from), end: calendarDate(range.to) } : null}
      onChange={(next) =>
        onChange(
          next ? { ...filters, date: `${toDicomDate(next.start)}-${toDicomDate(next.end)}` } : without(filters, 'date'),
        )
      }
      granularity="day"
      shouldForceLeadingZeros
      className="shrink-0"
    >
      <Label className="sr-only">{t('list.dateRange')}</Label>
      <Group
        className={`flex h-8 items-center gap-1 rounded-md border bg-raised pr-0.5 pl-2.5 text-[13px] tabular-nums focus-within:border-accent ${
          range ? 'border-accent-deep text-ink' : 'border-line text-faint'
        }`}
      >
        <DateInput slot="start" className="flex">
          {(segment) => (
            <DateSegment
              segment={segment}
              className="rounded px-px outline-none focus:bg-accent-deep focus:text-white"
            />
          )}
        </DateInput>
        <span aria-hidden>–</span>
        <DateInput slot="end" className="flex">
          {(segment) => (
            <DateSegment
              segment={segment}
              className="rounded px-px outline-none focus:bg-accent-deep focus:text-white"
            />
          )}
        </DateInput>
        <AriaButton className={iconButton}>
          <CalendarDays size={15} aria-hidden />
        </AriaButton>
      </Group>
      <Popover className="rounded-lg border border-strong bg-raised p-3 shadow-xl shadow-black/50">
        <Dialog className="outline-none">
          <RangeCalendar>
            <header className="mb-2 flex items-center justify-between">
              <AriaButton slot="previous" className={iconButton}>
                <ChevronLeft size={16} aria-hidden />
              </AriaButton>
              <Heading className="text-sm font-medium" />
              <AriaButton slot="next" className={iconButton}>
                <ChevronRight size={16} aria-hidden />
              </AriaButton>
            </header>
            <CalendarGrid className="text-center text-[13px]">
              {(date) => (
                <CalendarCell
                  date={date}
                  className="flex size-8 cursor-default items-center justify-center rounded outline-none hover:bg-hover data-[outside-month]:invisible data-[selected]:bg-accent-deep/50 data-[selection-end]:bg-accent-deep data-[selection-start]:bg-accent-deep data-[focus-visible]:ring-2 data-[focus-visible]:ring-accent"
                />
              )}
            </CalendarGrid>
          </RangeCalendar>
        </Dialog>
      </Popover>
    </DateRangePicker>
  );
}
