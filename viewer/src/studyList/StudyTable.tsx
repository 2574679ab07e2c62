/**
 * The rows: only those on the screen exist, more are asked for as the end comes near. Arrow keys move, Enter opens; where
 * studies can be marked, Space marks, Shift marks all on the way, S sends and Escape unmarks.
 */
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Study } from '../dicomweb/studies';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { columns, gridTemplate, readablePatient } from './columns';
import { type Marking, markKey, sendKey, toggled, unmarkKey, withRange } from './marking';

const rowHeight = 40;

/** The study that was opened last, so that coming back one stands where one left. */
let lastOpened: StudyInstanceUid | undefined;

export function StudyTable(props: {
  readonly studies: readonly Study[];
  readonly hasMore: boolean;
  readonly isFetchingMore: boolean;
  readonly onNearEnd: () => void;
  readonly scrollRef: RefObject<HTMLDivElement | null>;
  /** Where studies can be marked. */
  readonly marking?: Marking | undefined;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { studies, hasMore, isFetchingMore, onNearEnd, scrollRef, marking } = props;
  const [selected, setSelected] = useState<StudyInstanceUid | undefined>(lastOpened);
  const selectedIndex = studies.findIndex((study) => study.studyInstanceUid === selected);

  const virtualizer = useVirtualizer({
    count: studies.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    initialOffset: () => {
      const index = studies.findIndex((study) => study.studyInstanceUid === lastOpened);
      return Math.max(0, (index - 6) * rowHeight);
    },
  });
  const rows = virtualizer.getVirtualItems();
  const lastRow = rows.at(-1)?.index ?? 0;

  useEffect(() => {
    if (hasMore && !isFetchingMore && lastRow >= studies.length - 30) {
      onNearEnd();
    }
  }, [hasMore, isFetchingMore, lastRow, studies.length, onNearEnd]);

  const open = (uid: StudyInstanceUid) => {
    lastOpened = uid;
    void navigate({ to: '/studies/$studyUid', params: { studyUid: uid } });
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
    const page = Math.max(1, Math.floor((scrollRef.current?.clientHeight ?? 400) / rowHeight) - 2);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: selectedIndex + 1,
      ArrowUp: selectedIndex - 1,
      PageDown: selectedIndex + page,
      PageUp: selectedIndex - page,
      Home: 0,
      End: studies.length - 1,
    };
    const target = moves[event.key];
    if (target !== undefined) {
      event.preventDefault();
      if (event.shiftKey) {
        marking?.onMark(withRange(marking.marked, studies, selectedIndex, target));
      }
      moveTo(target);
    } else if (event.key === 'Enter' && selected !== undefined && selectedIndex >= 0) {
      event.preventDefault();
      open(selected);
    } else if (mark(event)) {
      event.preventDefault();
    }
  };

  const rowId = (index: number) => `study-row-${index}`;

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
      <div role="rowgroup" className="sticky top-0 z-10 min-w-[64rem] border-b border-line bg-canvas">
        <div
          role="row"
          aria-rowindex={1}
          className="grid items-center px-4"
          style={{ gridTemplateColumns: gridTemplate }}
        >
          {columns.map((column, place) => (
            <div
              key={column.id}
              role="columnheader"
              className={`truncate py-2 pr-3 text-xs font-medium text-faint ${marking && place === 0 ? 'pl-7' : ''}`}
            >
              {t(`list.columns.${column.id}`)}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="relative min-w-[64rem]" style={{ height: virtualizer.getTotalSize() }}>
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
              onClick={({ target }) => {
                if (!(target instanceof Element && target.closest('label'))) {
                  open(study.studyInstanceUid);
                }
              }}
              className={`absolute inset-x-0 grid cursor-pointer items-center border-b border-line/60 px-4 text-[13.5px] ${
                isSelected ? 'bg-accent-deep/30 shadow-[inset_3px_0_0_var(--color-accent)]' : 'hover:bg-raised'
              }`}
              style={{ gridTemplateColumns: gridTemplate, height: rowHeight, transform: `translateY(${row.start}px)` }}
            >
              {columns.map((column, place) => (
                <div key={column.id} role="gridcell" className="truncate pr-3">
                  {marking && place === 0 ? (
                    <label className="-my-3 -ml-4 py-3 pr-3 pl-4">
                      <input
                        type="checkbox"
                        tabIndex={-1}
                        readOnly
                        checked={marking.marked.has(study.studyInstanceUid)}
                        aria-label={t('list.mark', { name: readablePatient(study.patientName, t) })}
                        className="size-4 align-[-3px] accent-accent-deep"
                        onClick={(event) => onBoxClick(event, row.index, study.studyInstanceUid)}
                      />
                    </label>
                  ) : null}
                  {column.cell(study, t)}
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
