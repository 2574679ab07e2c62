/** Orders: who is to be examined at which machine on a day. Readers see them; administrators create and change them. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { CalendarX, Plus, ServerCrash } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Chip, fieldLook } from '../app/controls';
import { DayField } from '../app/DayField';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import { useMay } from '../app/session';
import { TopBar } from '../app/TopBar';
import { isoDay, readableDate, readableTime } from '../imaging/dates';
import { fetchOrder, fetchOrders, type Order, type OrderRow, stepStatuses } from '../server/orders';
import { modalities } from '../studyList/filters';
import { maxRows, type OrderFilters, orderParameters } from './filters';
import { OrderDialog } from './OrderForm';
import './texts';

const route = getRouteApi('/orders');
const cell = 'px-4 py-2 text-left';

/** What a status looks like. */
const statusLooks: Record<OrderRow['step']['status'], string> = {
  scheduled: 'bg-raised text-soft',
  arrived: 'bg-accent-deep/45 text-ink',
  in_progress: 'bg-warn/20 text-warn',
  completed: 'bg-good/15 text-good',
  discontinued: 'bg-danger-deep text-danger',
  cancelled: 'bg-raised text-faint line-through',
};

function Filters(props: { readonly filters: OrderFilters; readonly onChange: (filters: OrderFilters) => void }) {
  const { t } = useTranslation();
  const { filters, onChange } = props;
  const search = useRef<HTMLInputElement>(null);
  const now = new Date();
  const day = filters.day ?? isoDay(now);
  const quickDays = { yesterday: isoDay(now, -1), today: isoDay(now), tomorrow: isoDay(now, 1), all: 'all' };

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
      if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        search.current?.select();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2.5 border-b border-line bg-panel px-4 py-3">
      <input
        ref={search}
        type="search"
        defaultValue={filters.q ?? ''}
        maxLength={64}
        aria-label={t('orders.search')}
        placeholder={t('orders.search')}
        onChange={(event) => onChange({ ...filters, q: event.target.value })}
        className={`${fieldLook} max-w-sm`}
      />
      <fieldset aria-label={t('orders.day')} className="flex flex-wrap items-center gap-1.5">
        {(['yesterday', 'today', 'tomorrow', 'all'] as const).map((quick) => (
          <Chip
            key={quick}
            isSelected={day === quickDays[quick]}
            onSelect={() => onChange({ ...filters, day: quickDays[quick] })}
          >
            {t(`orders.days.${quick}`)}
          </Chip>
        ))}
        <DayField
          label={t('orders.day')}
          isLabelHidden
          value={day === 'all' ? '' : day}
          onChange={(next) => onChange({ ...filters, day: next === '' ? 'all' : next })}
        />
      </fieldset>
      <select
        aria-label={t('list.modality')}
        value={filters.modality ?? ''}
        onChange={(event) => onChange({ ...filters, modality: event.target.value })}
        className={`${fieldLook} max-w-44`}
      >
        <option value="">{t('orders.allModalities')}</option>
        {modalities.map((modality) => (
          <option key={modality} value={modality}>
            {modality}
          </option>
        ))}
      </select>
      <select
        aria-label={t('orders.columns.status')}
        value={filters.status ?? ''}
        onChange={(event) => {
          const { status: _dropped, ...rest } = filters;
          const status = stepStatuses.find((candidate) => candidate === event.target.value);
          onChange(status ? { ...rest, status } : rest);
        }}
        className={`${fieldLook} max-w-44`}
      >
        <option value="">{t('orders.allStatuses')}</option>
        {stepStatuses.map((status) => (
          <option key={status} value={status}>
            {t(`orders.status.${status}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

function OrderTable(props: { readonly rows: readonly OrderRow[]; readonly onOpen: (number: string) => void }) {
  const { t } = useTranslation();
  const columns = ['start', 'patient', 'birthDate', 'modality', 'station', 'procedure', 'accession', 'status'] as const;
  return (
    <table className="w-full text-sm">
      <thead className="sticky top-0 bg-canvas text-xs text-faint">
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" className={cell}>
              {t(`orders.columns.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map(({ order, step }) => {
          const number = order.accession_number ?? '';
          const sex = order.patient_sex;
          return (
            <tr
              key={`${number}|${step.words.scheduled_procedure_step_id}`}
              className="border-t border-line hover:bg-hover/50"
            >
              <td className={`${cell} whitespace-nowrap tabular-nums`}>
                {readableTime(step.words.scheduled_procedure_step_start_time)}{' '}
                <span className="text-faint">{readableDate(step.words.scheduled_procedure_step_start_date)}</span>
              </td>
              <td className={cell}>
                <button
                  type="button"
                  onClick={() => props.onOpen(number)}
                  className="cursor-default text-left font-medium hover:text-accent"
                >
                  {(order.patient_name ?? '').replaceAll('^', ' ')}
                </button>
                <span className="block text-xs text-faint">{order.patient_id}</span>
              </td>
              <td className={`${cell} whitespace-nowrap tabular-nums`}>
                {readableDate(order.patient_birth_date)}
                <span className="block text-xs text-faint">{sex ? t(`patient.sex.${sex}`) : ''}</span>
              </td>
              <td className={cell}>{step.words.modality}</td>
              <td className={cell}>{(step.words.scheduled_station_ae_title ?? '').replaceAll('\\', ', ')}</td>
              <td className={cell}>{step.words.scheduled_procedure_step_description}</td>
              <td className={`${cell} tabular-nums`}>{number}</td>
              <td className={cell}>
                <span className={`rounded px-2 py-0.5 text-xs whitespace-nowrap ${statusLooks[step.status]}`}>
                  {t(`orders.status.${step.status}`)}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Which order the form is about: one that is there, or a new one. */
type Opened = { readonly order: Order | undefined };

function useOpened() {
  const [opened, setOpened] = useState<Opened>();
  const [failure, setFailure] = useState<unknown>();
  const open = useCallback(async (accessionNumber: string) => {
    setFailure(undefined);
    try {
      setOpened({ order: await fetchOrder(accessionNumber, new AbortController().signal) });
    } catch (error) {
      setFailure(error);
    }
  }, []);
  const openNew = useCallback(() => setOpened({ order: undefined }), []);
  const close = useCallback(() => setOpened(undefined), []);
  return { opened, failure, open, openNew, close };
}

export function OrdersPage() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const { opened, failure, open, openNew, close } = useOpened();
  const mayOrder = useMay('manage_orders');
  const orders = useQuery({
    queryKey: ['orders', filters],
    queryFn: ({ signal }) => fetchOrders(orderParameters(filters, new Date()), signal),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });

  useEffect(() => {
    document.title = `${t('orders.title')} · ${t('app.name')}`;
  }, [t]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
      if (event.key === 'n' && mayOrder && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        openNew();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [mayOrder, openNew]);

  const rows = orders.data ?? [];
  return (
    <div className="flex h-full flex-col">
      <TopBar />
      <main className="flex min-h-0 flex-1 flex-col">
        <header className="flex shrink-0 items-center justify-between bg-panel px-4 pt-3">
          <h1 className="text-xl font-semibold">{t('orders.title')}</h1>
          {mayOrder ? (
            <Button look="primary" onPress={openNew}>
              <Plus size={16} aria-hidden />
              {t('orders.new')}
            </Button>
          ) : null}
        </header>
        <Filters filters={filters} onChange={(next) => void navigate({ to: '/orders', search: next, replace: true })} />
        {failure === undefined ? null : (
          <p role="alert" className="m-4 rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
            {failureText(failure)}
          </p>
        )}
        <div className="min-h-0 flex-1 overflow-auto">
          {orders.isError && rows.length === 0 ? (
            <Notice icon={ServerCrash} tone="danger" title={t('failure.title')} text={failureText(orders.error)}>
              <RetryButton onPress={() => void orders.refetch()} />
            </Notice>
          ) : orders.isSuccess && rows.length === 0 ? (
            <Notice icon={CalendarX} title={t('orders.empty')} text={t('orders.emptyText')} />
          ) : (
            <OrderTable rows={rows} onOpen={mayOrder ? (number) => void open(number) : () => undefined} />
          )}
        </div>
        <footer
          role="status"
          className="flex h-8 shrink-0 items-center border-t border-line bg-panel px-4 text-xs text-faint"
        >
          {orders.isPending
            ? ''
            : t(rows.length >= maxRows ? 'orders.countMore' : 'orders.count', { count: rows.length })}
        </footer>
      </main>
      {opened ? <OrderDialog order={opened.order} onClose={close} /> : null}
    </div>
  );
}
