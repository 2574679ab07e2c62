/** A whole number within bounds. */
import { fieldLook } from '../app/controls';

export function NumberField(props: {
  readonly label: string;
  readonly value: number;
  readonly least?: number;
  readonly most: number;
  readonly onChange: (value: number) => void;
}) {
  return (
    <label className="flex flex-col gap-1 text-[13px] text-soft">
      {props.label}
      <input
        type="number"
        min={props.least ?? 1}
        max={props.most}
        value={props.value}
        className={fieldLook}
        onChange={({ target }) =>
          props.onChange(Math.min(Math.max(props.least ?? 1, Math.round(target.valueAsNumber) || 1), props.most))
        }
      />
    </label>
  );
}
