/** What covers the picture of a viewport that shows something else of a series: one object, or the list of all. */
import type { Series } from '../dicomweb/series';
import type { SopInstanceUid } from '../dicomweb/uid';
import type { SeriesContent } from '../imaging/frames';
import type { Reference } from '../objects/report/reference';
import { type Content, stackOf } from './layout';
import { ObjectView } from './ObjectView';
import { OtherObjects } from './OtherObjects';
import type { ShownContent } from './shownContent';

export function OtherContent(props: {
  readonly content: Content;
  readonly series: Series;
  readonly held: SeriesContent;
  readonly shown: Exclude<ShownContent, { kind: 'pictures' }>;
  readonly isVisible: boolean;
  readonly isActive: boolean;
  readonly onActivate: () => void;
  readonly onShow: (content: Content) => void;
  readonly onAttributes: (instance: SopInstanceUid) => void;
  readonly onReference: (reference: Reference) => boolean;
}) {
  const { content, held, shown, onShow } = props;
  const { study, series } = content;
  if (shown.kind === 'list') {
    return (
      <OtherObjects
        study={study}
        series={props.series}
        content={held}
        onOpen={({ kind, sopInstanceUid: instance }) => onShow({ kind, study, series, instance })}
        onAttributes={({ sopInstanceUid }) => props.onAttributes(sopInstanceUid)}
        onPictures={() => onShow(stackOf(study, series))}
      />
    );
  }
  const isAlone = held.others.length === 1 && held.frames.length === 0;
  return (
    <ObjectView
      key={shown.object.sopInstanceUid}
      study={study}
      series={props.series}
      object={shown.object}
      isVisible={props.isVisible}
      isActive={props.isActive}
      onActivate={props.onActivate}
      onReference={props.onReference}
      onAttributes={() => props.onAttributes(shown.object.sopInstanceUid)}
      {...(isAlone ? {} : { onList: () => onShow({ kind: 'objects', study, series }) })}
    />
  );
}
