/** What is open over the page of a study to take pictures out of it. */
import { useEffect, useState } from 'react';
import type { Reading } from '../viewport/readingState';
import { CopyImage } from './CopyImage';
import { ExportDialog } from './ExportDialog';
import { PrintDialog } from './PrintDialog';
import { sourceOf } from './source';
import type { Known } from './useSubject';

/** What the reader wants. */
export type TakeoutKind = 'print' | 'export' | 'copy';

export function Takeout(props: {
  readonly kind: TakeoutKind;
  readonly reading: Reading;
  readonly known: Known;
  readonly onClose: () => void;
}) {
  const { reading, onClose } = props;
  // What was active when it was asked for, whatever scrolls on meanwhile.
  const [source] = useState(() => sourceOf(reading, reading.store.getState().layout.active));
  useEffect(() => (source ? undefined : onClose()), [source, onClose]);
  if (!source) {
    return null;
  }
  if (props.kind === 'print') {
    return <PrintDialog reading={reading} known={props.known} onClose={onClose} />;
  }
  return props.kind === 'copy' ? (
    <CopyImage source={source} known={props.known} onClose={onClose} />
  ) : (
    <ExportDialog source={source} known={props.known} onClose={onClose} />
  );
}
