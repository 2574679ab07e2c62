/** One annotation of the list: its name, what was measured, and where it is. */
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../app/controls';
import type { Series } from '../dicomweb/series';
import type { Reading } from '../viewport/readingState';
import type { Desk } from './desk';
import { measureText, sizeNote } from './measureText';
import { type Annotation, mostLabelLetters } from './model';
import { usePlace } from './usePlace';

function Name({
  desk,
  annotation,
  onDone,
}: {
  readonly desk: Desk;
  readonly annotation: Annotation;
  readonly onDone: () => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(annotation.label);
  const rename = () => {
    const label = text.trim();
    if (label !== annotation.label) {
      desk.change(annotation.uid, (present) => ({ ...present, label }));
    }
    onDone();
  };
  return (
    <input
      ref={(field) => field?.focus()}
      aria-label={t('annotations.label')}
      value={text}
      maxLength={mostLabelLetters}
      onChange={({ target }) => setText(target.value)}
      onBlur={rename}
      onKeyDown={({ key }) => {
        if (key === 'Enter') {
          rename();
        } else if (key === 'Escape') {
          setText(annotation.label);
          onDone();
        }
      }}
      className="h-7 w-full rounded border border-accent bg-canvas px-1.5 text-sm outline-none"
    />
  );
}

export function AnnotationRow(props: {
  readonly desk: Desk;
  readonly reading: Reading;
  readonly list: readonly Series[] | undefined;
  readonly annotation: Annotation;
  readonly isSelected: boolean;
  /** Looked at only. */
  readonly isFixed: boolean;
  readonly onGo: () => void;
}) {
  const { t, i18n } = useTranslation();
  const { desk, annotation, isSelected } = props;
  const [isNamed, setIsNamed] = useState(false);
  const { kind, label, image, measures } = annotation;
  const isForeign = kind === 'foreign';
  const place = usePlace(props.reading, props.list)(image);
  const note = sizeNote(annotation, t);
  const name = label === '' ? t(`annotations.kind.${kind}`) : label;
  return (
    <li className={`flex items-start gap-1 border-b border-line/60 px-3 py-2 ${isSelected ? 'bg-raised' : ''}`}>
      <div className="min-w-0 flex-1">
        {isNamed ? (
          <Name desk={desk} annotation={annotation} onDone={() => setIsNamed(false)} />
        ) : (
          <button
            type="button"
            aria-current={isSelected}
            onClick={(event) => {
              props.onGo();
              event.currentTarget.blur();
            }}
            className="block w-full cursor-default text-left"
          >
            <span className="block truncate text-sm">{name}</span>
            <span className="block text-xs text-soft tabular-nums">
              {measures.map((measure) => measureText(measure, i18n.language, t)).join(' · ')}
            </span>
            {note === undefined ? null : <span className="block text-xs text-warn">{note}</span>}
            <span className="block text-xs text-faint">
              {isForeign ? `${place} · ${t('annotations.foreign')}` : place}
            </span>
          </button>
        )}
      </div>
      {isForeign || isNamed || props.isFixed ? null : (
        <>
          <IconButton icon={Pencil} label={t('annotations.rename', { name })} onPress={() => setIsNamed(true)} />
          <IconButton
            icon={Trash2}
            label={t('annotations.remove', { name })}
            onPress={() => desk.remove(annotation.uid)}
          />
        </>
      )}
    </li>
  );
}
