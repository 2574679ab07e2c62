/** What the server sent as lines below each other, or what is the matter instead; narrow screens have room for it. */
import type { UseQueryResult } from '@tanstack/react-query';
import { ServerCrash } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice, RetryButton, useFailureText } from '../app/Notice';

export function List<Row>(props: {
  readonly label: string;
  readonly list: UseQueryResult<readonly Row[]>;
  /** Stands here if there are none. */
  readonly none: string;
  /** Takes the focus from a line that is about to go: without it, keys such as Escape go nowhere. */
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly children: (row: Row) => ReactNode;
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const { data, isError, error, refetch } = props.list;
  if (isError) {
    return (
      <Notice icon={ServerCrash} tone="danger" title={t('failure.title')} text={failureText(error)}>
        <RetryButton onPress={() => void refetch()} />
      </Notice>
    );
  }
  return (
    <div ref={props.frame} tabIndex={-1}>
      {data?.length === 0 ? (
        <p className="px-5 py-4 text-sm text-soft">{props.none}</p>
      ) : (
        <ul aria-label={props.label}>{data?.map(props.children)}</ul>
      )}
    </div>
  );
}

/** One of the lines: what it is, more about it, and what can be done with it. */
export function ListLine(props: {
  readonly name: ReactNode;
  readonly children: ReactNode;
  readonly action: ReactNode;
}) {
  return (
    <li className="flex items-center gap-4 border-t border-line px-5 py-3 text-sm first:border-t-0">
      <div className="min-w-0 flex-1">
        <p className="font-medium wrap-anywhere">{props.name}</p>
        <div className="text-xs text-soft tabular-nums">{props.children}</div>
      </div>
      {props.action}
    </li>
  );
}
