/** Which study a viewport is of, wherever something of another study is in sight: nobody has to guess which is the old one. */
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Study } from '../dicomweb/studies';
import { readableDate } from '../imaging/dates';
import { readablePatient } from '../studyList/columns';
import { visibleCells } from '../viewport/layout';
import type { Reading } from '../viewport/readingState';
import { useStudy } from '../viewport/useStudy';
import { readableInterval } from './interval';
import { daysBetween } from './priors';

function kindOf(shown: Study, read: Study | undefined) {
  if (!read || shown.studyInstanceUid === read.studyInstanceUid) {
    return 'current';
  }
  const days = daysBetween(shown.studyDate, read.studyDate);
  return days === undefined ? 'other' : days >= 0 ? 'prior' : 'later';
}

export function StudyMark({ reading, shown }: { readonly reading: Reading; readonly shown: Study }) {
  const { t } = useTranslation();
  const uid = useStore(reading.store, (state) => state.study);
  const { study: read } = useStudy(uid);
  const compares = useStore(reading.store, ({ layout }) =>
    visibleCells(layout).some((place) => {
      const content = layout.cells[place];
      return content !== undefined && content.study !== uid;
    }),
  );
  const kind = kindOf(shown, read);
  if (!compares && kind === 'current') {
    return null;
  }
  return (
    <div
      data-testid="study-mark"
      data-kind={kind}
      className={`absolute top-8 left-1/2 flex max-w-[90%] -translate-x-1/2 flex-col items-center rounded px-2 py-0.5 text-center text-[11px] leading-snug [text-shadow:none] ${
        kind === 'current' ? 'bg-black/70 text-slate-100 ring-1 ring-slate-500' : 'bg-amber-400 text-black'
      }`}
    >
      <span className="font-semibold whitespace-nowrap">
        {t(`hanging.${kind}`)} · {readableDate(shown.studyDate)}
        {kind === 'current' ? '' : ` · ${readableInterval(shown.studyDate, read?.studyDate, t)}`}
      </span>
      <span className="w-full truncate">
        {readablePatient(shown.patientName, t)} · {shown.patientId}
      </span>
    </div>
  );
}
