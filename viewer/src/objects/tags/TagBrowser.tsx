/** All attributes of an instance in a dialog, searched by name, keyword, tag and value; a value is read whole and copied. */
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight, Copy, ServerCrash, X } from 'lucide-react';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button, fieldLook, IconButton } from '../../app/controls';
import { copyText } from '../../app/copyText';
import { Notice, RetryButton, useFailureText } from '../../app/Notice';
import { fetchNativeModel } from '../../dicomweb/nativeModel';
import type { InstanceAddress } from '../../dicomweb/uid';
import { type AttributeRow, attributesOf } from './attributes';
import { isOpen, shownRows } from './shownRows';
import '../texts';

/** More of a value is read below the list. */
const mostCharacters = 160;
const rowHeight = 30;

function useValueText() {
  const { t } = useTranslation();
  return (row: AttributeRow, most: number) => {
    if (row.kept !== undefined) {
      return row.kept === 'apart' ? t('tags.apart') : t('tags.bytes', { count: Number(row.value) });
    }
    if (row.items !== undefined) {
      return t('tags.items', { count: row.items });
    }
    return row.value.length > most ? `${row.value.slice(0, most)}…` : row.value;
  };
}

function useRowName() {
  const { t } = useTranslation();
  return ({ item, name, privateCreator }: AttributeRow) =>
    item !== undefined
      ? t('tags.item', { number: item })
      : (name ?? (privateCreator === undefined ? t('tags.unknown') : t('tags.private', { creator: privateCreator })));
}

function Row(props: {
  readonly row: AttributeRow;
  readonly isSelected: boolean;
  readonly isOpen: boolean | undefined;
  readonly onSelect: () => void;
  readonly onTurn: () => void;
}) {
  const { t } = useTranslation();
  const valueText = useValueText();
  const name = useRowName()(props.row);
  const Arrow = props.isOpen === true ? ChevronDown : ChevronRight;
  return (
    <div
      className={`flex h-full items-center gap-2 rounded px-2 text-sm ${props.isSelected ? 'bg-accent-deep/45' : 'hover:bg-hover'}`}
    >
      <span className="flex w-24 shrink-0 text-faint tabular-nums">{props.row.tag}</span>
      <span className="w-5 shrink-0 text-xs text-faint">{props.row.vr}</span>
      <span className="flex min-w-0 flex-1 items-center gap-1" style={{ paddingLeft: props.row.depth * 14 }}>
        {props.isOpen === undefined ? null : (
          <button
            type="button"
            aria-label={t(props.isOpen ? 'tags.fold' : 'tags.unfold')}
            aria-expanded={props.isOpen}
            onClick={props.onTurn}
            className="shrink-0 text-soft hover:text-ink"
          >
            <Arrow size={16} aria-hidden />
          </button>
        )}
        <button type="button" onClick={props.onSelect} className="flex min-w-0 flex-1 items-center gap-2 text-left">
          <span className="w-2/5 shrink-0 truncate text-soft">{name}</span>
          <span className="min-w-0 flex-1 truncate">{valueText(props.row, mostCharacters)}</span>
        </button>
      </span>
    </div>
  );
}

/** The value that was chosen, whole. */
function WholeValue({ row }: { readonly row: AttributeRow }) {
  const { t } = useTranslation();
  const valueText = useValueText();
  const [copied, setCopied] = useState<AttributeRow>();
  const text = valueText(row, Number.POSITIVE_INFINITY);
  return (
    <section aria-label={t('tags.whole')} data-testid="whole-value" className="shrink-0 border-t border-line pt-3">
      <div className="flex items-center gap-2">
        <p className="min-w-0 flex-1 truncate text-sm font-medium">
          {[row.tag, row.vr, useRowName()(row), row.keyword].filter((part) => part).join(' · ')}
        </p>
        <Button onPress={() => void copyText(text).then(() => setCopied(row))} isDisabled={text === ''}>
          <Copy size={16} aria-hidden />
          {t(copied === row ? 'tags.copied' : 'tags.copy')}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long value is scrolled by keys */}
      <pre tabIndex={0} className="mt-2 overflow-auto text-sm" style={valueLook}>
        {text}
      </pre>
    </section>
  );
}

const valueLook = { maxHeight: 180, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' } as const;

function Rows({ model }: { readonly model: Element }) {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<AttributeRow>();
  const { rows: all, isCut } = useMemo(() => attributesOf(model), [model]);
  const asked = useDeferredValue(query);
  const { rows, found } = useMemo(() => shownRows(all, asked, turned), [all, asked, turned]);
  const listRef = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => listRef.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const turn = ({ id }: AttributeRow) =>
    setTurned((present) => new Set(present.has(id) ? [...present].filter((other) => other !== id) : [...present, id]));
  const opening = (row: AttributeRow) =>
    row.items === undefined || found !== undefined ? undefined : isOpen(row, turned);
  return (
    <>
      <div className="flex items-center gap-3">
        <input
          type="search"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          aria-label={t('tags.search')}
          placeholder={t('tags.search')}
          // biome-ignore lint/a11y/noAutofocus: who opens this looks for something
          autoFocus
          spellCheck={false}
          className={fieldLook}
        />
        <span role="status" className="text-xs whitespace-nowrap text-soft tabular-nums">
          {found === undefined
            ? t('tags.count', { count: all.filter(({ item }) => item === undefined).length })
            : t('tags.found', { count: found })}
        </span>
      </div>
      {isCut ? <p className="text-sm text-warn">{t('tags.cut')}</p> : null}
      <div ref={listRef} data-testid="tags" className="min-h-0 flex-1 overflow-auto">
        <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start, size }) => {
            const row = rows[index];
            return row ? (
              <div key={row.id} className="absolute w-full" style={{ top: start, height: size }}>
                <Row
                  row={row}
                  isSelected={row === selected}
                  isOpen={opening(row)}
                  onSelect={() => setSelected(row)}
                  onTurn={() => turn(row)}
                />
              </div>
            ) : null;
          })}
        </div>
      </div>
      {selected ? <WholeValue row={selected} /> : null}
    </>
  );
}

export function TagBrowser(props: { readonly address: InstanceAddress; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const { address } = props;
  const model = useQuery({
    queryKey: ['nativeModel', address.study, address.series, address.instance],
    structuralSharing: false,
    gcTime: 0,
    queryFn: ({ signal }) => fetchNativeModel(address, signal),
  });
  return (
    <ModalOverlay
      isOpen
      onOpenChange={(isOpen) => (isOpen ? undefined : props.onClose())}
      isDismissable
      className="fixed inset-0 z-50 flex items-center justify-center bg-black/65 p-6"
    >
      <Modal className="h-full w-full max-w-4xl overflow-auto rounded-xl border border-strong bg-panel shadow-2xl shadow-black">
        <Dialog className="flex h-full flex-col gap-3 p-6 outline-none">
          <header className="flex items-center justify-between">
            <div className="min-w-0">
              <Heading slot="title" className="text-lg font-semibold">
                {t('tags.title')}
              </Heading>
              <p className="truncate text-xs text-soft">{address.instance}</p>
            </div>
            <IconButton icon={X} label={t('common.close')} onPress={props.onClose} />
          </header>
          {model.isError ? (
            <Notice icon={ServerCrash} tone="danger" title={t('tags.failed')} text={failureText(model.error)}>
              <RetryButton onPress={() => void model.refetch()} />
            </Notice>
          ) : null}
          {model.data ? <Rows model={model.data} /> : null}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
