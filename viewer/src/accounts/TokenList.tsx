/** The tokens that programs come in with: what each is for and until when; making one, and revoking one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../app/controls';
import { useFailureText } from '../app/Notice';
import { Alert, Badge, useMoment } from '../machines/Section';
import { fetchTokens, revokeToken, type Token } from '../server/signIns';
import { List, ListLine } from './List';
import { NewTokenDialog } from './NewTokenDialog';
import './texts';

export function TokenList(props: {
  /** Whose they are; without one, one's own. */
  readonly account?: string;
  /** What one that is made can be for; without any, none is made here. */
  readonly acts: readonly string[];
}) {
  const { account, acts } = props;
  const { t } = useTranslation();
  const failureText = useFailureText();
  const queryClient = useQueryClient();
  const [isMaking, setMaking] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const queryKey = ['tokens', account ?? null];
  const list = useQuery({ queryKey, queryFn: ({ signal }) => fetchTokens(account, signal) });
  const revoke = useMutation({
    mutationFn: (token: string) => revokeToken(account, token, new AbortController().signal),
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
  const onRevoke = (token: string) => {
    frame.current?.focus();
    revoke.mutate(token);
  };
  return (
    <>
      {revoke.isError ? <Alert>{failureText(revoke.error)}</Alert> : null}
      <List label={t('accounts.tokens.title')} list={list} none={t('accounts.tokens.none')} frame={frame}>
        {(token) => <TokenLine key={token.token} token={token} isBusy={revoke.isPending} onRevoke={onRevoke} />}
      </List>
      {acts.length === 0 ? null : (
        <div className="border-t border-line px-5 py-4">
          <Button onPress={() => setMaking(true)}>
            <Plus size={16} aria-hidden />
            {t('accounts.tokens.add')}
          </Button>
        </div>
      )}
      {isMaking ? (
        <NewTokenDialog
          account={account}
          acts={acts}
          onMade={() => void queryClient.invalidateQueries({ queryKey })}
          onClose={() => setMaking(false)}
        />
      ) : null}
    </>
  );
}

function TokenLine(props: {
  readonly token: Token;
  readonly isBusy: boolean;
  readonly onRevoke: (token: string) => void;
}) {
  const { t } = useTranslation();
  const moment = useMoment();
  const { token, label, acts, created_ms, expires_ms } = props.token;
  const isOver = expires_ms !== null && expires_ms <= Date.now();
  // One that was made by command may have no name.
  const name = label || token;
  const nameOf = (act: string) => t(`accounts.acts.${act}`, { defaultValue: act });
  return (
    <ListLine
      name={
        <>
          {name} {isOver ? <Badge look="warn">{t('accounts.tokens.over')}</Badge> : null}
        </>
      }
      action={
        <Button
          isDisabled={props.isBusy}
          label={t('accounts.tokens.revokeNamed', { name })}
          onPress={() => {
            if (window.confirm(t('accounts.tokens.confirmRevoke', { name }))) {
              props.onRevoke(token);
            }
          }}
        >
          {t('accounts.tokens.revoke')}
        </Button>
      }
    >
      <p>{acts === null ? t('accounts.tokens.reach.all') : acts.map(nameOf).join(', ')}</p>
      <p>
        {expires_ms === null
          ? t('accounts.tokens.endless', { made: moment(created_ms) })
          : t('accounts.tokens.times', { made: moment(created_ms), end: moment(expires_ms) })}
      </p>
    </ListLine>
  );
}
