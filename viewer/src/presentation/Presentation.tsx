/** What an image or a presentation state brings along: drawn over the picture, below what we write, and chosen in a menu. */
import { useEffect, useMemo, useState } from 'react';
import { createPortal } from 'react-dom';
import { useStore } from 'zustand';
import { type DataSet, text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import type { Frame } from '../imaging/frames';
import { distinctColour } from '../objects/overlays/colour';
import type { Colour } from '../objects/overlays/model';
import type { Cell, Reading } from '../viewport/readingState';
import { useSeriesContent } from '../viewport/useSeriesContent';
import type { OpenSeries, Presented } from '../viewport/viewState';
import { arrangementOf } from './arrangement';
import { GraphicsLayer } from './GraphicsLayer';
import { graphicsOn, layersOf } from './graphics';
import { greyScaleOf } from './greyScale';
import { type OverlayPlane, overlayGroups, overlayPlanes } from './overlayPlanes';
import { PlaneCanvas } from './PlaneCanvas';
import { PresentationMenu } from './PresentationMenu';
import { ShutterShade } from './ShutterShade';
import { shutterOf, shutterOfFrame } from './shutter';
import { isFor, type LeftOut, type PresentationState } from './state';
import { usePlaneMasks } from './usePlaneMasks';
import { usePresentationStates } from './usePresentationStates';
import './texts';

export interface PresentationProps {
  readonly reading: Reading;
  readonly cell: Cell;
  /** The element over the drawing surface that takes what is drawn. */
  readonly layer: HTMLElement;
}

interface ColouredPlane {
  readonly plane: OverlayPlane;
  readonly colour: Colour;
}

/** Amber first: it is seen on black and on white. */
function planesOfImage(instance: DataSet): ColouredPlane[] {
  return overlayPlanes(instance).map((plane) => ({
    plane,
    colour: distinctColour(overlayGroups.indexOf(plane.group) + 3),
  }));
}

/** Those that a state activates, its own and those of the image (PS3.3 C.11.7, Overlay Activation Module). */
function planesOfState({ dataSet }: PresentationState, instance: DataSet): ColouredPlane[] {
  const layers = layersOf(dataSet);
  const [own, others] = [overlayPlanes(dataSet), overlayPlanes(instance)];
  const activated = overlayGroups.flatMap((group) => {
    const layer = layers.get(text(dataSet, `${group}1001`) ?? '');
    const plane = [...own, ...others].find((candidate) => candidate.group === group);
    return layer && plane ? [{ plane, ...layer }] : [];
  });
  return activated.sort((a, b) => a.order - b.order);
}

/** How a state has each frame shown, worked out when a frame is. */
function presenter(state: PresentationState, instances: ReadonlyMap<string, DataSet>) {
  const known = new Map<Frame, Presented | undefined>();
  const present = (frame: Frame): Presented | undefined => {
    const instance = instances.get(frame.sopInstanceUid);
    if (!instance || !isFor(state, frame)) {
      return undefined;
    }
    const grey = frame.isColour ? undefined : greyScaleOf(state.dataSet, frame, instance);
    const isInverted = grey?.isInverted ?? text(instance, Tag.PhotometricInterpretation) === 'MONOCHROME1';
    return { window: grey?.window, arrangement: { isInverted, ...arrangementOf(state.dataSet, frame) } };
  };
  return (frame: Frame) => {
    if (!known.has(frame)) {
      known.set(frame, present(frame));
    }
    return known.get(frame);
  };
}

/** What is to be seen with a frame. */
function broughtAlong(state: PresentationState | undefined, frame: Frame | undefined, instance: DataSet | undefined) {
  if (!frame || !instance) {
    return { planes: [], bitmap: undefined, shutter: undefined, graphics: undefined };
  }
  const { rowMm = 1, columnMm = 1 } = frame.spacing ?? {};
  const picture = { rows: frame.rows, columns: frame.columns, aspect: rowMm / columnMm };
  if (!state) {
    const shutter = shutterOfFrame(instance, frame.frameNumber, picture);
    return { planes: planesOfImage(instance), bitmap: undefined, shutter, graphics: undefined };
  }
  const shutter = shutterOf(state.dataSet, picture);
  return {
    planes: planesOfState(state, instance),
    bitmap: overlayPlanes(state.dataSet).find(({ group }) => group === shutter?.bitmapGroup),
    shutter,
    graphics: graphicsOn(state.dataSet, frame),
  };
}

function OfSeries({ reading, cell, layer, series }: PresentationProps & { readonly series: OpenSeries }) {
  const { data } = useSeriesContent(series.studyInstanceUid, series.seriesInstanceUid);
  const found = usePresentationStates(series.studyInstanceUid);
  const index = useStore(cell.store, (state) => state.index);
  const placement = useStore(cell.store, (state) => (state.shown ? state.placement : undefined));
  const labelsShown = useStore(reading.store, (state) => state.labelsShown);
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [isShut, setShut] = useState(true);
  const [chosen, setChosen] = useState<string>();
  const instances = useMemo(
    () => new Map((data?.metadata ?? []).map((instance) => [text(instance, Tag.SopInstanceUid) ?? '', instance])),
    [data],
  );
  const frame = series.frames[index];
  const instance = frame && instances.get(frame.sopInstanceUid);
  const states = found.states.filter((state) => series.frames.some((candidate) => isFor(state, candidate)));
  const state = states.find(({ sopInstanceUid }) => sopInstanceUid === chosen);
  const present = useMemo(() => state && presenter(state, instances), [state, instances]);
  useEffect(() => cell.screen?.present?.(present), [cell, present]);

  const applied = state && frame && isFor(state, frame) ? state : undefined;
  const presented = applied && frame ? present?.(frame) : undefined;
  const { planes, bitmap, shutter, graphics } = useMemo(
    () => broughtAlong(applied, frame, instance),
    [applied, frame, instance],
  );
  const wanted = useMemo(() => [...planes.map(({ plane }) => plane), ...(bitmap ? [bitmap] : [])], [planes, bitmap]);
  const { masked, isError } = usePlaneMasks(series, frame, wanted);
  const masks = useMemo(
    () =>
      masked.flatMap(({ plane, mask }) => {
        const colour = planes.find((candidate) => candidate.plane === plane)?.colour;
        return colour && !off.has(plane.group) ? [{ mask, colour }] : [];
      }),
    [masked, planes, off],
  );
  const covers = useMemo(
    () =>
      shutter
        ? masked.filter(({ plane }) => plane === bitmap).map(({ mask }) => ({ mask, colour: shutter.colour }))
        : [],
    [masked, bitmap, shutter],
  );
  const leftOut: LeftOut[] = applied
    ? [
        ...applied.leftOut,
        ...(frame && !frame.isColour && presented?.window === undefined ? (['values'] as const) : []),
      ]
    : [];
  return (
    <>
      {placement && frame
        ? createPortal(
            <>
              {shutter && isShut ? <ShutterShade shutter={shutter} frame={frame} placement={placement} /> : null}
              {isShut && covers.length > 0 ? <PlaneCanvas masks={covers} placement={placement} /> : null}
              {labelsShown && masks.length > 0 ? <PlaneCanvas masks={masks} placement={placement} /> : null}
              {labelsShown && graphics ? (
                <GraphicsLayer
                  graphics={graphics}
                  frame={frame}
                  placement={placement}
                  area={presented?.arrangement.area}
                />
              ) : null}
            </>,
            layer,
          )
        : null}
      {planes.length > 0 || shutter || states.length > 0 ? (
        <PresentationMenu
          planes={planes.map(({ plane: { group, label }, colour }) => ({
            group,
            label,
            isOn: !off.has(group),
            colour,
          }))}
          areHidden={!labelsShown && (planes.length > 0 || graphics !== undefined)}
          isShut={shutter && isShut}
          onShutter={() => setShut(!isShut)}
          states={states}
          chosen={state}
          isForImage={applied !== undefined}
          leftOut={leftOut}
          onState={setChosen}
          isError={isError || found.isError}
          onPlane={(group) =>
            setOff(
              (before) =>
                new Set(before.has(group) ? [...before].filter((other) => other !== group) : [...before, group]),
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
