/** A day, typed as dd/mm/yyyy in both languages whatever the browser speaks: a birth date must not be misread. */
import { parseDate } from '@internationalized/date';
import { DateField, DateInput, DateSegment, Label } from 'react-aria-components';
import { fieldLook } from './controls';

/** `value` is `YYYY-MM-DD`, or empty. */
export function DayField(props: {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly value: string;
  readonly isRequired?: boolean;
  readonly isInvalid?: boolean;
  readonly onChange: (value: string) => void;
}) {
  return (
    <DateField
      value={props.value === '' ? null : parseDate(props.value)}
      onChange={(day) => props.onChange(day === null ? '' : day.toString())}
      granularity="day"
      shouldForceLeadingZeros
      isInvalid={props.isInvalid ?? false}
      className="flex flex-col gap-1"
    >
      <Label className={props.isLabelHidden === true ? 'sr-only' : 'text-[13px] text-soft'}>
        {props.label}
        {props.isRequired === true ? <span aria-hidden> *</span> : null}
      </Label>
      <DateInput
        className={`${fieldLook} flex items-center tabular-nums focus-within:border-accent ${props.isInvalid === true ? 'border-danger' : ''}`}
      >
        {(segment) => (
          <DateSegment
            segment={segment}
            aria-invalid={props.isInvalid ?? false}
            className="rounded px-px outline-none focus:bg-accent-deep focus:text-white data-[placeholder]:text-faint"
          />
        )}
      </DateInput>
    </DateField>
  );
}
