/**
 * The rows: only those on the screen exist, more are asked for as the end comes near. Arrow keys move, Enter opens, with Ctrl
 * in the second window, U marks as unread or read; where studies can be marked, Space marks, Shift marks all on the way, S
 * sends and Escape unmarks. On a phone rows are cards.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, type ReactNode, type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { readableDate, readableTime } from '../imaging/dates';
import type { ListedStudy } from '../server/studyList';
import { type Column, Modalities, PatientName, readableAge, readablePatient, readableSex, State } from './columns';
import { parseOrder, type SortKey } from './filters';
import { type Marking, markKey, sendKey, toggled, unmarkKey, withRange } from './marking';

const rowHeight = 40;
const cardHeight = 76;

/** The key that has a study look unread, or read. */
const readKey = 'u';

/** The study that was opened last, so that coming back one stands where one left. */
let lastOpened: StudyInstanceUid | undefined;

const unreadLooks = { unread: 'bg-accent', changed: 'border-2 border-accent', read: '' };

export function StudyTable(props: {
  readonly studies: readonly ListedStudy[];
  readonly columns: readonly Column[];
  readonly order: string | undefined;
  readonly onSort: (key: SortKey) => void;
  readonly isPhone: boolean;
  readonly hasMore: boolean;
  readonly isFetchingMore: boolean;
  readonly onNearEnd: () => void;
  /** Opens a study, in the other window than usual if that is asked for. */
  readonly onOpen: (study: StudyInstanceUid, inSecondWindow: boolean) => void;
  readonly onMarkRead: (study: StudyInstanceUid, isRead: boolean) => void;
  readonly onPriors: (study: ListedStudy) => void;
  readonly scrollRef: RefObject<HTMLDivElement | null>;
  /** Where studies can be marked. */
  readonly marking?: Marking | undefined;
}) {
  const { t } = useTranslation();
  const { studies, columns, isPhone, hasMore, isFetchingMore, onNearEnd, scrollRef, marking } = props;
  const [selected, setSelected] = useState<StudyInstanceUid | undefined>(lastOpened);
  const selectedIndex = studies.findIndex((study) => study.studyInstanceUid === selected);
  const height = isPhone ? cardHeight : rowHeight;
  const gridTemplateColumns = columns.map(({ track }) => track).join(' ');
  const sorted = parseOrder(props.order);

  const virtualizer = useVirtualizer({
    count: studies.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => height,
    overscan: 12,
    initialOffset: () => {
      const index = studies.findIndex((study) => study.studyInstanceUid === lastOpened);
      return Math.max(0, (index - 6) * height);
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when the window becomes narrow or wide
  useEffect(() => virtualizer.measure(), [virtualizer, height]);
  const rows = virtualizer.getVirtualItems();
  const lastRow = rows.at(-1)?.index ?? 0;

  useEffect(() => {
    if (hasMore && !isFetchingMore && lastRow >= studies.length - 30) {
      onNearEnd();
    }
  }, [hasMore, isFetchingMore, lastRow, studies.length, onNearEnd]);

  const open = (uid: StudyInstanceUid, inSecondWindow: boolean) => {
    lastOpened = uid;
    setSelected(uid);
    props.onOpen(uid, inSecondWindow);
  };

  const moveTo = (wanted: number) => {
    const index = Math.min(Math.max(wanted, 0), studies.length - 1);
    const study = studies[index];
    if (study) {
      setSelected(study.studyInstanceUid);
      virtualizer.scrollToIndex(index);
    }
  };

  /** What a key does with the marks; whether it does anything. */
  const mark = (event: KeyboardEvent): boolean => {
    if (marking === undefined || event.ctrlKey || event.metaKey || event.altKey) {
      return false;
    }
    const { marked } = marking;
    if (event.key === unmarkKey) {
      marking.onMark(new Set());
    } else if (event.key === markKey && selected !== undefined && selectedIndex >= 0) {
      marking.onMark(toggled(marked, selected));
    } else if (event.key.toLowerCase() === sendKey && (marked.size > 0 || selectedIndex >= 0)) {
      // Without marks it is the row one is on.
      marking.onMark(marked.size > 0 ? marked : withRange(marked, studies, selectedIndex, selectedIndex));
      marking.onSend();
    } else {
      return false;
    }
    return true;
  };

  const onBoxClick = (event: MouseEvent, index: number, uid: StudyInstanceUid) => {
    if (marking) {
      const isRange = event.shiftKey && selectedIndex >= 0;
      marking.onMark(isRange ? withRange(marking.marked, studies, selectedIndex, index) : toggled(marking.marked, uid));
    }
    setSelected(uid);
    scrollRef.current?.focus({ preventScroll: true });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== scrollRef.current) {
      return;
    }
    const page = Math.max(1, Math.floor((scrollRef.current?.clientHeight ?? 400) / height) - 2);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: selectedIndex + 1,
      ArrowUp: selectedIndex - 1,
      PageDown: selectedIndex + page,
      PageUp: selectedIndex - page,
      Home: 0,
      End: studies.length - 1,
    };
    const target = moves[event.key];
    const study = studies[selectedIndex];
    if (target !== undefined) {
      event.preventDefault();
      if (event.shiftKey) {
        marking?.onMark(withRange(marking.marked, studies, selectedIndex, target));
      }
      moveTo(target);
    } else if (event.key === 'Enter' && study) {
      event.preventDefault();
      open(study.studyInstanceUid, event.ctrlKey || event.metaKey);
    } else if (event.key.toLowerCase() === readKey && study && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      props.onMarkRead(study.studyInstanceUid, study.read !== 'read');
    } else if (mark(event)) {
      event.preventDefault();
    }
  };

  const rowId = (index: number) => `study-row-${index}`;

  /** Whether the account has read a study; a click turns it over. */
  const readMark = (study: ListedStudy) => (
    <button
      type="button"
      tabIndex={-1}
      aria-label={t(`list.read.${study.read}`)}
      title={t(`list.read.${study.read}`)}
      onClick={() => {
        props.onMarkRead(study.studyInstanceUid, study.read !== 'read');
        scrollRef.current?.focus({ preventScroll: true });
      }}
      className="-my-2 inline-flex size-5 shrink-0 items-center justify-center align-middle"
    >
      <span className={`size-2 rounded-full ${unreadLooks[study.read]}`} />
    </button>
  );

  const box = (study: ListedStudy, index: number) =>
    marking ? (
      <label className="-my-3 -ml-4 py-3 pr-2 pl-4">
        <input
          type="checkbox"
          tabIndex={-1}
          readOnly
          checked={marking.marked.has(study.studyInstanceUid)}
          aria-label={t('list.mark', { name: readablePatient(study.patientName, t) })}
          className="size-4 align-[-3px] accent-accent-deep"
          onClick={(event) => onBoxClick(event, index, study.studyInstanceUid)}
        />
      </label>
    ) : null;

  const cell = (column: Column, study: ListedStudy): ReactNode =>
    column.id === 'priors' && study.priors > 0 ? (
      <button
        type="button"
        tabIndex={-1}
        aria-label={t('list.showPriors', { count: study.priors })}
        title={t('list.showPriors', { count: study.priors })}
        onClick={() => props.onPriors(study)}
        className="rounded px-1.5 text-soft tabular-nums underline decoration-dotted hover:bg-hover hover:text-ink"
      >
        {study.priors}
      </button>
    ) : (
      column.cell(study, t)
    );

  const card = (study: ListedStudy) => (
    <div role="gridcell" className="flex min-w-0 flex-col gap-0.5">
      <span className="flex items-center gap-1.5 text-[15px]">
        {study.read === 'read' ? null : <span className={`size-2 shrink-0 rounded-full ${unreadLooks[study.read]}`} />}
        <span className="min-w-0 flex-1 truncate">
          <PatientName study={study} t={t} />
        </span>
        <Modalities modalities={study.modalities} />
      </span>
      <span className="truncate text-[13px] text-soft">
        {[readableAge(study, t), readableSex(study.patientSex, t), study.studyDescription].filter(Boolean).join(' · ')}
      </span>
      <span className="flex gap-2 text-xs text-faint tabular-nums">
        <span>
          {readableDate(study.studyDate)} {readableTime(study.studyTime)}
        </span>
        {study.state === 'received' ? null : <State study={study} t={t} />}
      </span>
    </div>
  );

  return (
    <div
      ref={scrollRef}
      role="grid"
      aria-label={t('list.title')}
      aria-rowcount={hasMore ? -1 : studies.length + 1}
      aria-activedescendant={selectedIndex >= 0 ? rowId(selectedIndex) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="min-h-0 flex-1 overflow-auto outline-none focus-visible:outline-none"
    >
      {isPhone ? null : (
        <div role="rowgroup" className="sticky top-0 z-10 min-w-[72rem] border-b border-line bg-canvas">
          <div role="row" aria-rowindex={1} className="grid items-center px-4" style={{ gridTemplateColumns }}>
            {columns.map((column, place) => {
              const isSorted = sorted.key === column.sort;
              const direction = sorted.descending ? 'descending' : 'ascending';
              const { sort } = column;
              return (
                <div
                  key={column.id}
                  role="columnheader"
                  aria-sort={sort === undefined ? undefined : isSorted ? direction : 'none'}
                  className={`truncate pr-3 text-xs font-medium ${isSorted ? 'text-ink' : 'text-faint'} ${place === 0 ? (marking ? 'pl-11' : 'pl-5') : ''}`}
                >
                  {sort === undefined ? (
                    <span className="block py-2">{t(`list.columns.${column.id}`)}</span>
                  ) : (
                    <button
                      type="button"
                      onClick={() => props.onSort(sort)}
                      className="max-w-full cursor-pointer truncate py-2 hover:text-ink"
                    >
                      {t(`list.columns.${column.id}`)}
                      {isSorted ? <span aria-hidden>{sorted.descending ? ' ↓' : ' ↑'}</span> : null}
                    </button>
                  )}
                </div>
              );
            })}
          </div>
        </div>
      )}
      <div
        role="rowgroup"
        className={`relative ${isPhone ? '' : 'min-w-[72rem]'}`}
        style={{ height: virtualizer.getTotalSize() }}
      >
        {rows.map((row) => {
          const study = studies[row.index];
          if (!study) {
            return null;
          }
          const isSelected = study.studyInstanceUid === selected;
          return (
            <div
              key={study.studyInstanceUid}
              id={rowId(row.index)}
              role="row"
              aria-rowindex={row.index + 2}
              aria-selected={isSelected}
              onClick={({ target, ctrlKey, metaKey }) => {
                if (!(target instanceof Element && target.closest('label, button'))) {
                  open(study.studyInstanceUid, ctrlKey || metaKey);
                }
              }}
              className={`absolute inset-x-0 cursor-pointer border-b border-line/60 px-4 text-[13.5px] ${
                isPhone ? 'py-2' : 'grid items-center'
              } ${isSelected ? 'bg-accent-deep/30 shadow-[inset_3px_0_0_var(--color-accent)]' : 'hover:bg-raised'}`}
              style={{
                ...(isPhone ? {} : { gridTemplateColumns }),
                height,
                transform: `translateY(${row.start}px)`,
              }}
            >
              {isPhone
                ? card(study)
                : columns.map((column, place) => (
                    <div key={column.id} role="gridcell" className="truncate pr-3">
                      {place === 0 ? (
                        <>
                          {box(study, row.index)}
                          {readMark(study)}
                        </>
                      ) : null}
                      {cell(column, study)}
                    </div>
                  ))}
            </div>
          );
        })}
      </div>
      {isFetchingMore ? (
        <p role="status" className="py-3 text-center text-xs text-faint">
          {t('common.loading')}
        </p>
      ) : null}
    </div>
  );
}
