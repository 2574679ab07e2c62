/** What could not be sent to a destination and why, and the act of sending it again. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { Notice } from '../app/Notice';
import { FormDialog } from '../machines/FormDialog';
import { cell, Table, useMoment } from '../machines/Section';
import { fetchFailed } from '../server/forwarding';
import { Trouble } from './Trouble';

const columns = ['instance', 'why', 'lastTried'] as const;

export function FailedDialog(props: {
  readonly name: string;
  readonly onRetry: (name: string) => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const moment = useMoment();
  const { name } = props;
  const list = useQuery({
    queryKey: ['forwarding', 'failed', name],
    queryFn: ({ signal }) => fetchFailed(name, signal),
    refetchInterval: 5_000,
  });
  return (
    <FormDialog title={t('forwarding.failedNamed', { name })} onClose={props.onClose}>
      <div className="mb-4 max-h-[60vh] overflow-auto rounded-md border border-line">
        <Table
          list={list}
          columns={columns.map((column) => t(`forwarding.columns.${column}`))}
          empty={<Notice icon={CircleCheck} title={t('forwarding.noFailed')} />}
        >
          {(row) => (
            <tr key={row.instance} className="border-t border-line">
              <td className={`${cell} max-w-64`}>
                <Link
                  to="/studies/$studyUid"
                  params={{ studyUid: row.study }}
                  target="_blank"
                  className="text-accent hover:underline"
                >
                  {t('forwarding.openStudy')}
                </Link>
                <span className="block truncate text-xs text-faint" title={row.instance}>
                  {row.instance}
                </span>
              </td>
              <td className={cell}>
                <Trouble words={row.trouble ?? ''} />
              </td>
              <td className={`${cell} text-soft tabular-nums`}>
                {moment(row.at_ms)}
                <span className="block text-xs text-faint">{t('forwarding.attempts', { count: row.attempts })}</span>
              </td>
            </tr>
          )}
        </Table>
      </div>
      <footer className="flex flex-wrap gap-2">
        <Button look="primary" onPress={() => props.onRetry(name)}>
          <RotateCw size={16} aria-hidden />
          {t('forwarding.retryAll')}
        </Button>
        <Button look="quiet" onPress={props.onClose}>
          {t('common.close')}
        </Button>
      </footer>
    </FormDialog>
  );
}
