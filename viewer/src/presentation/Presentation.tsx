/** What an image brings along to be seen with it: drawn over its picture, below what we write, and switched in a menu. */
import { useMemo, useState } from 'react';
import { createPortal } from 'react-dom';
import { useStore } from 'zustand';
import { text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import { distinctColour } from '../objects/overlays/colour';
import type { Cell, Reading } from '../viewport/readingState';
import { useSeriesContent } from '../viewport/useSeriesContent';
import type { OpenSeries } from '../viewport/viewState';
import { overlayGroups, overlayPlanes } from './overlayPlanes';
import { PlaneCanvas } from './PlaneCanvas';
import { PresentationMenu } from './PresentationMenu';
import { ShutterShade } from './ShutterShade';
import { shutterOfFrame } from './shutter';
import { usePlaneMasks } from './usePlaneMasks';
import './texts';

export interface PresentationProps {
  readonly reading: Reading;
  readonly cell: Cell;
  /** The element over the drawing surface that takes what is drawn. */
  readonly layer: HTMLElement;
}

/** Amber first: it is seen on black and on white. */
function colourOfGroup(group: string) {
  return distinctColour(overlayGroups.indexOf(group) + 3);
}

function OfSeries({ reading, cell, layer, series }: PresentationProps & { readonly series: OpenSeries }) {
  const { data } = useSeriesContent(series.studyInstanceUid, series.seriesInstanceUid);
  const index = useStore(cell.store, (state) => state.index);
  const placement = useStore(cell.store, (state) => (state.shown ? state.placement : undefined));
  const labelsShown = useStore(reading.store, (state) => state.labelsShown);
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [isShut, setShut] = useState(true);
  const instances = useMemo(
    () => new Map(data?.metadata.map((instance) => [text(instance, Tag.SopInstanceUid), instance])),
    [data],
  );
  const frame = series.frames[index];
  const instance = frame && instances.get(frame.sopInstanceUid);
  const planes = useMemo(() => (instance ? overlayPlanes(instance) : []), [instance]);
  const shutter = useMemo(() => {
    const { rowMm = 1, columnMm = 1 } = frame?.spacing ?? {};
    return frame && instance && shutterOfFrame(instance, frame.frameNumber, { ...frame, aspect: rowMm / columnMm });
  }, [frame, instance]);
  const { masked, isError } = usePlaneMasks(series, frame, planes);
  const masks = useMemo(
    () =>
      masked.flatMap(({ plane, mask }) => (off.has(plane.group) ? [] : [{ mask, colour: colourOfGroup(plane.group) }])),
    [masked, off],
  );
  return (
    <>
      {frame && placement && shutter && isShut
        ? createPortal(<ShutterShade shutter={shutter} frame={frame} placement={placement} />, layer)
        : null}
      {placement && labelsShown && masks.length > 0
        ? createPortal(<PlaneCanvas masks={masks} placement={placement} />, layer)
        : null}
      {planes.length > 0 || shutter ? (
        <PresentationMenu
          planes={planes.map(({ group, label }) => ({
            group,
            label,
            isOn: !off.has(group),
            colour: colourOfGroup(group),
          }))}
          areHidden={!labelsShown}
          isShut={shutter && isShut}
          onShutter={() => setShut(!isShut)}
          isError={isError}
          onPlane={(group) =>
            setOff(
              (present) =>
                new Set(present.has(group) ? [...present].filter((other) => other !== group) : [...present, group]),
            )
          }
        />
      ) : null}
    </>
  );
}

export function Presentation(props: PresentationProps) {
  const series = useStore(props.cell.store, (state) => state.series);
  return series ? <OfSeries key={series.seriesInstanceUid} {...props} series={series} /> : null;
}
