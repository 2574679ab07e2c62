/** What a presentation state draws and writes, over the picture. Its texts are texts: nothing in them is markup. */
import type { Frame } from '../imaging/frames';
import { type Placement, type ScreenPoint, screenAt } from '../imaging/placement';
import type { Arrangement } from '../viewport/viewState';
import type { Graphic, Graphics, Place, WrittenText } from './graphics';

type ToScreen = (place: Place) => ScreenPoint;

/** Shares of the display are of the area that the state shows, wherever the reader has moved it. */
function toScreenBy(placement: Placement, frame: Frame, area: Arrangement['area']): ToScreen {
  const [left, top] = area?.topLeft ?? [-0.5, -0.5];
  const [right, bottom] = area?.bottomRight ?? [frame.columns - 0.5, frame.rows - 0.5];
  const [x0, y0] = screenAt(placement, [left, top]) ?? [0, 0];
  const [x1, y1] = screenAt(placement, [right, bottom]) ?? [0, 0];
  const [x, y] = [Math.min(x0, x1), Math.min(y0, y1)];
  return ({ of, at }) =>
    of === 'picture'
      ? (screenAt(placement, at) ?? [0, 0])
      : [x + at[0] * Math.abs(x1 - x0), y + at[1] * Math.abs(y1 - y0)];
}

function Drawn({ graphic, toScreen }: { readonly graphic: Graphic; readonly toScreen: ToScreen }) {
  const colour = `rgb(${graphic.colour.join(' ')})`;
  const places = graphic.points.map((at) => toScreen({ of: graphic.of, at }));
  const [[x, y] = [0, 0]] = places;
  if (graphic.isPoint) {
    return <circle cx={x} cy={y} r={3} fill={colour} stroke="black" strokeOpacity={0.55} />;
  }
  const path = places.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${px.toFixed(2)} ${py.toFixed(2)}`).join('');
  return (
    <>
      <path d={path} fill="none" stroke="black" strokeOpacity={0.55} strokeWidth={3.5} />
      <path d={path} fill={graphic.isFilled ? colour : 'none'} stroke={colour} strokeWidth={1.5} />
    </>
  );
}

const lineHeight = 17;

function Written({ written, toScreen }: { readonly written: WrittenText; readonly toScreen: ToScreen }) {
  const colour = `rgb(${written.colour.join(' ')})`;
  const anchor = written.anchor && toScreen(written.anchor);
  const corners = written.bounds?.map(toScreen);
  const across = corners?.map(([x]) => x) ?? [(anchor?.[0] ?? 0) + 8];
  const down = corners?.map(([, y]) => y) ?? [(anchor?.[1] ?? 0) - lineHeight / 2];
  const [left, right, top] = [Math.min(...across), Math.max(...across), Math.min(...down)];
  const x = { start: left, middle: (left + right) / 2, end: right }[written.align];
  return (
    <>
      {anchor && written.showsAnchor ? (
        <path d={`M${anchor[0]} ${anchor[1]}L${x} ${top}`} stroke={colour} strokeWidth={1} />
      ) : null}
      <text
        data-testid="presented-text"
        fill={colour}
        stroke="black"
        strokeOpacity={0.75}
        strokeWidth={3}
        paintOrder="stroke"
        textAnchor={written.align}
        className="text-sm"
      >
        {written.lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <tspan key={at} x={x} y={top + lineHeight * (at + 0.8)}>
            {line}
          </tspan>
        ))}
      </text>
    </>
  );
}

export function GraphicsLayer(props: {
  readonly graphics: Graphics;
  readonly frame: Frame;
  readonly placement: Placement;
  readonly area: Arrangement['area'];
}) {
  const toScreen = toScreenBy(props.placement, props.frame, props.area);
  return (
    <svg aria-hidden data-testid="presented-graphics" className="absolute inset-0 size-full">
      {props.graphics.graphics.map((graphic, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a graphic is its place
        <Drawn key={at} graphic={graphic} toScreen={toScreen} />
      ))}
      {props.graphics.texts.map((written, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text is its place
        <Written key={at} written={written} toScreen={toScreen} />
      ))}
    </svg>
  );
}
