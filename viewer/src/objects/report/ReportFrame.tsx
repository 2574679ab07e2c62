/**
 * A Structured Report or Key Object Selection as the page that the server makes of it, in a frame of its own: what the
 * report says is text of that page, and even if it were not, the sandbox runs no script, sends no form and opens no window.
 * Its links to images are followed by the viewport.
 */
import { useQuery } from '@tanstack/react-query';
import { ServerCrash } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice, RetryButton, useFailureText } from '../../app/Notice';
import { fetchRenderedText } from '../../dicomweb/renderedText';
import type { InstanceAddress } from '../../dicomweb/uid';
import { type Reference, referenceOf } from './reference';

export function ReportFrame(props: {
  readonly address: InstanceAddress;
  readonly title: string;
  readonly onActivate: () => void;
  readonly onReference: (reference: Reference) => void;
}) {
  const { t, i18n } = useTranslation();
  const failureText = useFailureText();
  const { address, onActivate, onReference } = props;
  const frameRef = useRef<HTMLIFrameElement>(null);
  const [loads, setLoads] = useState(0);
  const page = useQuery({
    queryKey: ['rendered', address.study, address.series, address.instance, i18n.language],
    queryFn: ({ signal }) => fetchRenderedText(address, 'text/html', i18n.language, signal),
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: with every page that is loaded the document is another one
  useEffect(() => {
    const document = frameRef.current?.contentDocument;
    const onClick = (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest?.('a');
      const href = link?.getAttribute('href') ?? '';
      if (link) {
        event.preventDefault();
        const reference = referenceOf(href);
        if (reference) {
          // The next key is meant for what is shown now.
          frameRef.current?.blur();
          onReference(reference);
        } else if (href.startsWith('#')) {
          document?.getElementById(href.slice(1))?.scrollIntoView({ block: 'center' });
        }
      }
    };
    document?.addEventListener('click', onClick);
    document?.addEventListener('pointerdown', onActivate);
    return () => {
      document?.removeEventListener('click', onClick);
      document?.removeEventListener('pointerdown', onActivate);
    };
  }, [loads, onActivate, onReference]);

  if (page.isError) {
    return (
      <Notice icon={ServerCrash} tone="danger" title={t('objects.failed')} text={failureText(page.error)}>
        <RetryButton onPress={() => void page.refetch()} />
      </Notice>
    );
  }
  return page.data === undefined ? null : (
    <iframe
      ref={frameRef}
      sandbox="allow-same-origin"
      srcDoc={page.data}
      title={props.title}
      data-testid="report"
      onLoad={() => setLoads((count) => count + 1)}
      className="absolute inset-0 size-full border-0"
      style={{ colorScheme: 'dark' }}
    />
  );
}
