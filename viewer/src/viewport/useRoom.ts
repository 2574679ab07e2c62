/** Measures how many buttons fit on a bar. */
import { type RefObject, useLayoutEffect, useState } from 'react';
import { placesFor } from './toolbarRoom';

/** Children that may leave the bar carry this mark, so that what stays can be told from them. */
export const mayLeave = { 'data-may-leave': true } as const;
/** A menu stands for those that left. */
export const standsIn = { 'data-stands-in': true } as const;

/** Of this many buttons, those that fit beside the other children; all of them are alike. */
export function useRoom(bar: RefObject<HTMLElement | null>, wanted: number): number {
  const [places, setPlaces] = useState(wanted);
  useLayoutEffect(() => {
    const element = bar.current;
    if (!element) {
      return undefined;
    }
    const measure = () => {
      const { columnGap, paddingLeft, paddingRight } = getComputedStyle(element);
      const gap = Number.parseFloat(columnGap) || 0;
      const children = [...element.children].filter((child): child is HTMLElement => child instanceof HTMLElement);
      const button = children.find(({ dataset }) => dataset.mayLeave !== undefined);
      const menu = children.find(({ dataset }) => dataset.standsIn !== undefined);
      const staying = children.filter((child) => child.dataset.mayLeave === undefined && child !== menu);
      const widthOf = (child: HTMLElement) => (child.offsetWidth > 0 ? child.offsetWidth + gap : 0);
      const room =
        element.clientWidth -
        Number.parseFloat(paddingLeft) -
        Number.parseFloat(paddingRight) -
        staying.reduce((sum, child) => sum + widthOf(child), 0);
      // Square buttons, as high as those that stay where none of them is left to be measured.
      const side = button ? widthOf(button) : element.clientHeight - gap;
      setPlaces(placesFor(room, wanted, side, menu ? widthOf(menu) : side * 1.5));
    };
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    for (const child of element.children) {
      sizes.observe(child);
    }
    return () => sizes.disconnect();
  });
  return places;
}
