/** One object that is no picture, in a viewport: what it is, how it is shown or why it is not, and the ways to save it. */
import { useQuery } from '@tanstack/react-query';
import type { LucideIcon } from 'lucide-react';
import { Activity, Download, ExternalLink, FileText, FileX2, Film, List, ServerCrash, Tags } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../app/controls';
import { Notice, RetryButton, useFailureText } from '../app/Notice';
import { fetchRenderedHead, type RenderedHead } from '../dicomweb/renderedHead';
import type { Series } from '../dicomweb/series';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { renderedUrl } from '../dicomweb/urls';
import type { ShownObjectKind } from '../imaging/objects';
import { type Obstacle, pdfObstacle, videoObstacle } from '../imaging/obstacle';
import type { Reference } from '../objects/report/reference';
import { RequestError } from '../server/request';
import { DownloadFailure } from './DownloadFailure';
import { PdfFrame } from './PdfFrame';
import type { ShownObject } from './shownContent';
import { useDownload } from './useDownload';
import { VideoPlayer } from './VideoPlayer';

const ReportFrame = lazy(async () => ({ default: (await import('../objects/report/ReportFrame')).ReportFrame }));
const WaveformView = lazy(async () => ({ default: (await import('../objects/waveform/WaveformView')).WaveformView }));

interface ObjectViewProps {
  readonly study: StudyInstanceUid;
  readonly series: Series;
  readonly object: ShownObject;
  readonly isVisible: boolean;
  readonly isActive: boolean;
  readonly onActivate: () => void;
  readonly onAttributes: () => void;
  /** Shows what a report refers to; false if that is not in the study. */
  readonly onReference: (reference: Reference) => boolean;
  /** If there is more in the series. */
  readonly onList?: () => void;
}

const icons: Partial<Record<ShownObjectKind, LucideIcon>> = { video: Film, waveform: Activity };

function obstacleTo(object: ShownObject, head: RenderedHead): Obstacle | undefined {
  if (object.kind === 'pdf') {
    return pdfObstacle(head, navigator.pdfViewerEnabled);
  }
  if (object.kind !== 'video') {
    return undefined;
  }
  const video = document.createElement('video');
  return videoObstacle(head, object.stream?.transferSyntaxUid, (type) => video.canPlayType(type));
}

function SaveLink(props: { readonly address: string; readonly isDownload: boolean; readonly children: ReactNode }) {
  return (
    <a
      href={props.address}
      {...(props.isDownload ? { download: '' } : { target: '_blank', rel: 'noopener noreferrer' })}
      className="inline-flex h-9 items-center gap-2 rounded-md border border-line bg-raised px-3 text-sm font-medium whitespace-nowrap hover:bg-hover"
    >
      {props.children}
    </a>
  );
}

export function ObjectView(props: ObjectViewProps) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const { study, series, object } = props;
  const [isElsewhere, setElsewhere] = useState(false);
  const { download, failure } = useDownload(study, series.seriesInstanceUid);
  const address = renderedUrl(study, series.seriesInstanceUid, object.sopInstanceUid);
  const head = useQuery({
    queryKey: ['rendered', study, series.seriesInstanceUid, object.sopInstanceUid],
    structuralSharing: false,
    queryFn: ({ signal }) => fetchRenderedHead(study, series.seriesInstanceUid, object.sopInstanceUid, signal),
  });
  const obstacle = head.data && obstacleTo(object, head.data);
  // The server finds no document in it that it would give out.
  const isRefused = head.error instanceof RequestError && head.error.status === 406;
  const isThere = head.data !== undefined && !head.isError;
  const kind = t(`objects.kind.${object.kind}`);
  const title = object.title ?? series.description ?? kind;
  const Icon = icons[object.kind] ?? FileText;
  const follow = (reference: Reference) => {
    if (reference.study === study) {
      setElsewhere(!props.onReference(reference));
    } else {
      window.open(`/studies/${reference.study}?series=${reference.series}`, '_blank', 'noopener');
    }
  };

  const body = () => {
    if (head.isError && !isRefused) {
      return (
        <Notice icon={ServerCrash} tone="danger" title={t('objects.failed')} text={failureText(head.error)}>
          <RetryButton onPress={() => void head.refetch()} />
        </Notice>
      );
    }
    if (isRefused || obstacle !== undefined) {
      const text = t(`objects.obstacle.${obstacle ?? 'refused'}`);
      return <Notice icon={FileX2} tone="danger" title={t('objects.notShown')} text={text} />;
    }
    if (!isThere) {
      return null;
    }
    const instance = { study, series: series.seriesInstanceUid, instance: object.sopInstanceUid };
    switch (object.kind) {
      case 'pdf':
        return <PdfFrame address={address} title={title} onActivate={props.onActivate} />;
      case 'video':
        return (
          <VideoPlayer
            address={address}
            title={title}
            stream={object.stream}
            isVisible={props.isVisible}
            isActive={props.isActive}
            onFailed={() => void head.refetch()}
          />
        );
      case 'waveform':
        return <WaveformView address={instance} title={title} />;
      default:
        return <ReportFrame address={instance} title={title} onActivate={props.onActivate} onReference={follow} />;
    }
  };

  return (
    <section aria-label={title} data-testid="object" data-kind={object.kind} className="flex h-full flex-col">
      <header className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-panel px-3 py-1.5">
        <Icon size={20} strokeWidth={1.5} aria-hidden className="shrink-0 text-accent" />
        <div className="mx-1 min-w-24 flex-1">
          <h2 className="truncate text-sm font-medium">{title}</h2>
          {title === kind ? null : <p className="truncate text-xs text-soft">{kind}</p>}
        </div>
        <IconButton icon={Tags} label={t('tools.attributes')} onPress={props.onAttributes} />
        {props.onList ? (
          <Button look="quiet" onPress={props.onList}>
            <List size={16} aria-hidden />
            {t('objects.all')}
          </Button>
        ) : null}
        {isThere && object.kind !== 'video' && obstacle !== 'notPdf' ? (
          <SaveLink address={address} isDownload={false}>
            <ExternalLink size={16} aria-hidden />
            {t('objects.inNewTab')}
          </SaveLink>
        ) : null}
        {isThere ? (
          <SaveLink address={address} isDownload>
            <Download size={16} aria-hidden />
            {t(`objects.save.${object.kind}`)}
          </SaveLink>
        ) : null}
        {download ? (
          <Button onPress={() => void download(object.sopInstanceUid)}>
            <Download size={16} aria-hidden />
            {t('objects.save.dicom')}
          </Button>
        ) : null}
      </header>
      <DownloadFailure text={failure} />
      <DownloadFailure text={isElsewhere ? t('objects.elsewhere') : undefined} />
      <div className="relative min-h-0 flex-1">
        <Suspense>{body()}</Suspense>
      </div>
    </section>
  );
}
