/** The fields of a part of each day. */
import { useTranslation } from 'react-i18next';
import { Line } from '../machines/fields';
import type { HoursDraft } from './hours';

export function HoursFields(props: {
  readonly hours: HoursDraft;
  readonly isWrong: boolean;
  readonly onChange: (hours: HoursDraft) => void;
}) {
  const { t } = useTranslation();
  const { hours, isWrong, onChange } = props;
  const offset = `UTC${hours.offset.slice(0, 3)}:${hours.offset.slice(3)}`;
  return (
    <div className="grid grid-cols-2 gap-x-4">
      <Line
        label={t('forwarding.hours.from')}
        hint={t('forwarding.hours.hint', { offset })}
        kind="time"
        value={hours.from}
        isWrong={isWrong}
        onChange={(from) => onChange({ ...hours, from })}
      />
      <Line
        label={t('forwarding.hours.to')}
        kind="time"
        value={hours.to}
        isWrong={isWrong}
        onChange={(to) => onChange({ ...hours, to })}
      />
    </div>
  );
}
