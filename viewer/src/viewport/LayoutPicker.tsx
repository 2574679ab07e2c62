/** Choosing rows and columns: a small table of squares, the chosen grid being those up to the one pointed at. */
import { LayoutGrid } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Hint } from '../app/controls';
import { largestGrid, withGrid } from './layout';
import type { Reading } from './readingState';

const steps: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

const places = Array.from({ length: largestGrid.rows * largestGrid.columns }, (_, at) => ({
  row: Math.floor(at / largestGrid.columns) + 1,
  column: (at % largestGrid.columns) + 1,
}));

function Squares({ reading, close }: { readonly reading: Reading; readonly close: () => void }) {
  const { t } = useTranslation();
  const tableRef = useRef<HTMLDivElement>(null);
  const { rows, columns } = useStore(reading.store, (state) => state.layout);
  const [pointed, setPointed] = useState({ row: rows, column: columns });

  const onKeyDown = (event: KeyboardEvent) => {
    const [down, right] = steps[event.key] ?? [0, 0];
    const at = places.findIndex(({ row, column }) => row === pointed.row + down && column === pointed.column + right);
    if ((down !== 0 || right !== 0) && at >= 0) {
      event.preventDefault();
      tableRef.current?.querySelectorAll('button')[at]?.focus();
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys go between the buttons, which are what is pressed
    <div ref={tableRef} className="grid grid-cols-4 gap-1" onKeyDown={onKeyDown}>
      {places.map(({ row, column }) => {
        const isPresent = row === rows && column === columns;
        const isWithin = row <= pointed.row && column <= pointed.column;
        return (
          <button
            key={`${row} ${column}`}
            type="button"
            // biome-ignore lint/a11y/noAutofocus: a dialog opens on the present choice
            autoFocus={isPresent}
            tabIndex={row === pointed.row && column === pointed.column ? 0 : -1}
            aria-label={t('layout.grid', { rows: row, columns: column })}
            aria-pressed={isPresent}
            onPointerEnter={() => setPointed({ row, column })}
            onFocus={() => setPointed({ row, column })}
            onClick={() => {
              reading.arrange((layout) => withGrid(layout, row, column));
              close();
            }}
            className={`size-7 pointer-coarse:size-11 rounded border ${isWithin ? 'border-accent bg-accent-deep/60' : 'border-line bg-canvas'}`}
          />
        );
      })}
      <p aria-hidden className="col-span-4 pt-1 text-center text-xs text-soft tabular-nums">
        {t('layout.grid', { rows: pointed.row, columns: pointed.column })}
      </p>
    </div>
  );
}

export function LayoutPicker({ reading }: { readonly reading: Reading }) {
  const { t } = useTranslation();
  return (
    <DialogTrigger>
      <Hint text={t('layout.choose')}>
        <AriaButton
          aria-label={t('layout.choose')}
          className="inline-flex size-9 pointer-coarse:size-11 shrink-0 cursor-default items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink"
        >
          <LayoutGrid size={18} strokeWidth={1.75} aria-hidden />
        </AriaButton>
      </Hint>
      <Popover className="rounded-md border border-strong bg-raised shadow-xl shadow-black/60">
        <Dialog aria-label={t('layout.choose')} className="p-2 outline-none">
          {({ close }) => <Squares reading={reading} close={close} />}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
