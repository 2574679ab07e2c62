/** How an image is presented is chosen here: as it says itself or by a presentation state, with or without what comes along. */
import { Layers, X } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import { readableDate, readableTime } from '../imaging/dates';
import type { Colour } from '../objects/overlays/model';
import type { LeftOut, PresentationState } from './state';

export interface SwitchedPlane {
  readonly group: string;
  /** Text of a peer. */
  readonly label: string | undefined;
  readonly isOn: boolean;
  readonly colour: Colour;
}

export interface MenuProps {
  readonly planes: readonly SwitchedPlane[];
  readonly areHidden: boolean;
  readonly isError: boolean;
  /** Undefined without a shutter. */
  readonly isShut: boolean | undefined;
  readonly onShutter: () => void;
  /** Of images of the series that is shown. */
  readonly states: readonly PresentationState[];
  readonly chosen: PresentationState | undefined;
  /** Whether the chosen one is for the very image. */
  readonly isForImage: boolean;
  /** What of it is not followed here. */
  readonly leftOut: readonly LeftOut[];
  readonly onState: (sopInstanceUid: string | undefined) => void;
  readonly onPlane: (group: string) => void;
}

function Switch(props: {
  readonly label: string;
  readonly isOn: boolean;
  readonly colour?: Colour;
  readonly onChange: () => void;
}) {
  return (
    <label className="flex items-center gap-2 py-1">
      <input type="checkbox" checked={props.isOn} onChange={props.onChange} />
      {props.colour ? (
        <span
          aria-hidden
          className="size-3.5 shrink-0 rounded"
          style={{ background: `rgb(${props.colour.join(' ')})` }}
        />
      ) : null}
      <span className="min-w-0 wrap-anywhere">{props.label}</span>
    </label>
  );
}

/** What its author calls it, and who that was and when. */
function useNames() {
  const { t } = useTranslation();
  return {
    nameOf: ({ label, description }: PresentationState) =>
      [label, description].filter((part) => part !== undefined).join(' · ') || t('presentation.unnamed'),
    originOf: ({ creator, date, time }: PresentationState) =>
      [creator, `${readableDate(date)} ${readableTime(time)}`.trim()].filter((part) => part).join(' · '),
  };
}

function States(props: MenuProps) {
  const { t } = useTranslation();
  const { nameOf, originOf } = useNames();
  const group = useId();
  const { states, chosen } = props;
  const choice = (name: string, origin: string, value: string | undefined) => (
    <label key={value ?? ''} className="flex items-start gap-2 py-1">
      <input
        type="radio"
        name={group}
        className="mt-1"
        checked={chosen?.sopInstanceUid === value}
        onChange={() => props.onState(value)}
      />
      <span className="min-w-0 wrap-anywhere">
        {name}
        {origin === '' ? null : <span className="block text-xs text-soft tabular-nums">{origin}</span>}
      </span>
    </label>
  );
  return (
    <fieldset>
      <legend className="pt-1 text-xs text-soft">{t('presentation.states')}</legend>
      {choice(t('presentation.asImage'), '', undefined)}
      {states.map((state) => choice(nameOf(state), originOf(state), state.sopInstanceUid))}
      {chosen && !props.isForImage ? <p className="text-xs text-warn">{t('presentation.otherImage')}</p> : null}
      {props.leftOut.map((what) => (
        <p key={what} className="text-xs text-warn">
          {t(`presentation.leftOut.${what}`)}
        </p>
      ))}
    </fieldset>
  );
}

function Panel(props: MenuProps & { readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <section
      aria-label={t('presentation.title')}
      className="max-h-[50%] w-72 max-w-full overflow-auto rounded-md border border-strong bg-raised/90 px-3 py-2 text-sm"
    >
      <header className="flex items-center justify-between gap-2">
        <h2 className="truncate font-medium">{t('presentation.title')}</h2>
        <IconButton icon={X} label={t('common.close')} onPress={props.onClose} />
      </header>
      {props.isError ? <p role="alert">{t('presentation.failed')}</p> : null}
      {props.states.length > 0 ? <States {...props} /> : null}
      {props.isShut === undefined ? null : (
        <Switch label={t('presentation.shutter')} isOn={props.isShut} onChange={props.onShutter} />
      )}
      {props.planes.length > 0 ? <h3 className="pt-1 text-xs text-soft">{t('presentation.overlays')}</h3> : null}
      {props.areHidden ? <p className="text-xs text-warn">{t('presentation.labelsOff')}</p> : null}
      {props.planes.map(({ group, label, isOn, colour }) => {
        const name = t('presentation.overlay', { group });
        return (
          <Switch
            key={group}
            label={label === undefined ? name : t('presentation.named', { name, label })}
            isOn={isOn}
            colour={colour}
            onChange={() => props.onPlane(group)}
          />
        );
      })}
    </section>
  );
}

export function PresentationMenu(props: MenuProps) {
  const { t } = useTranslation();
  const { nameOf } = useNames();
  const [isOpen, setOpen] = useState(false);
  return (
    <div
      data-testid="presentation"
      className="pointer-events-none absolute inset-x-3 top-16 bottom-14 z-10 flex flex-col items-center justify-end gap-2 *:pointer-events-auto"
    >
      {isOpen ? (
        <Panel {...props} onClose={() => setOpen(false)} />
      ) : (
        <Button look="quiet" onPress={() => setOpen(true)}>
          <Layers size={16} aria-hidden className={props.isError ? 'text-danger' : ''} />
          <span className={props.chosen ? 'max-w-64 truncate text-warn' : ''}>
            {props.chosen ? nameOf(props.chosen) : t('presentation.title')}
          </span>
        </Button>
      )}
    </div>
  );
}
