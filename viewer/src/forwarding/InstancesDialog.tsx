/** What waits for a destination, is not vouched for there, or could not be sent, and why; and the act of sending it again. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { Notice } from '../app/Notice';
import { FormDialog } from '../machines/FormDialog';
import { cell, Table, useMoment } from '../machines/Section';
import { type ForwardState, fetchForwards } from '../server/forwarding';
import { Trouble } from './Trouble';

export function InstancesDialog(props: {
  readonly name: string;
  readonly state: ForwardState;
  readonly onRetry: (name: string) => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const moment = useMoment();
  const { name, state } = props;
  const list = useQuery({
    queryKey: ['forwarding', state, name],
    queryFn: ({ signal }) => fetchForwards(name, state, signal),
    refetchInterval: 5_000,
  });
  return (
    <FormDialog title={t(`forwarding.lists.${state}.title`, { name })} onClose={props.onClose}>
      <div className="mb-4 max-h-[60vh] overflow-auto rounded-md border border-line">
        <Table
          list={list}
          columns={[t('forwarding.columns.instance'), t('forwarding.columns.why'), t(`forwarding.lists.${state}.time`)]}
          empty={<Notice icon={CircleCheck} title={t(`forwarding.lists.${state}.none`)} />}
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
                {row.trouble == null ? t(`forwarding.lists.${state}.untroubled`) : <Trouble words={row.trouble} />}
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
        {state === 'failed' ? (
          <Button look="primary" onPress={() => props.onRetry(name)}>
            <RotateCw size={16} aria-hidden />
            {t('forwarding.retryAll')}
          </Button>
        ) : null}
        <Button look="quiet" onPress={props.onClose}>
          {t('common.close')}
        </Button>
      </footer>
    </FormDialog>
  );
}
