/** Where the reader writes the label of an annotation, beside it. */
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ScreenPoint } from '../imaging/placement';
import type { Cell } from '../viewport/readingState';
import type { Desk } from './desk';
import { type Annotation, type Measure, mostLabelLetters } from './model';

/** The length in millimetres, with a point or a comma. */
function calibrate(desk: Desk, { uid, measures }: Annotation, text: string): void {
  const value = Number(text.replace(',', '.'));
  if (value > 0 && Number.isFinite(value)) {
    const length: Measure = { quantity: 'length', value, unit: 'mm' };
    desk.change(uid, (present) => ({ ...present, measures: [length], sizeSource: 'manual' }));
  } else if (measures.length === 0) {
    // Without a length it says nothing.
    desk.remove(uid);
  }
}

export function LabelField(props: {
  readonly desk: Desk;
  readonly cell: Cell;
  readonly annotation: Annotation;
  readonly at: ScreenPoint;
}) {
  const { t } = useTranslation();
  const { desk, annotation, at } = props;
  const isLength = annotation.kind === 'calibration';
  const name = t(isLength ? 'annotations.knownLength' : 'annotations.label');
  const [text, setText] = useState(isLength ? String(annotation.measures[0]?.value ?? '') : annotation.label);
  const isOver = useRef(false);
  const done = () => {
    if (isOver.current) {
      return;
    }
    isOver.current = true;
    const label = text.trim();
    if (annotation.kind === 'calibration') {
      calibrate(desk, annotation, label);
    } else if (label !== annotation.label) {
      desk.change(annotation.uid, (present) => ({ ...present, label }));
    } else if (label === '' && annotation.kind === 'text') {
      // A text without letters is nothing.
      desk.remove(annotation.uid);
    }
    desk.label(undefined);
  };
  return (
    <input
      ref={(field) => field?.focus()}
      aria-label={name}
      placeholder={name}
      inputMode={isLength ? 'decimal' : 'text'}
      value={text}
      maxLength={mostLabelLetters}
      onChange={({ target }) => setText(target.value)}
      onBlur={done}
      onKeyDown={({ key }) => {
        if (key === 'Enter') {
          done();
        } else if (key === 'Escape') {
          isOver.current = true;
          if (isLength) {
            calibrate(desk, annotation, '');
          }
          desk.label(undefined);
        }
      }}
      className="absolute z-10 h-8 w-48 rounded border border-accent bg-canvas px-2 text-sm text-ink outline-none"
      style={{ left: Math.max(at[0], 0), top: Math.max(at[1] - 20, 0) }}
    />
  );
}
