import { describe, expect, it } from 'vitest';
import { tools } from '../tools/registry';
import { placesFor, yielding } from './toolbarRoom';

const onBar = tools.filter(({ group, inMenu, icon }) => group !== 'move' && !inMenu && icon);
const stayingOf = (places: number) => {
  const gone = yielding(onBar, places);
  return onBar.filter((tool) => !gone.has(tool)).map(({ id }) => id);
};

describe('the room of the bar', () => {
  it('is for all tools if they fit, without a menu', () => {
    expect(placesFor(400, 10, 40, 60)).toBe(10);
    expect(yielding(onBar, onBar.length).size).toBe(0);
  });

  it('leaves room for the menu as soon as one does not fit', () => {
    expect(placesFor(399, 10, 40, 60)).toBe(8);
    expect(placesFor(30, 10, 40, 60)).toBe(0);
  });

  it('is left to exactly as many as there are places', () => {
    for (let places = 0; places <= onBar.length; places += 1) {
      expect(stayingOf(places).length).toBe(places);
    }
  });

  it('only takes more tools away as it shrinks', () => {
    for (let places = 1; places <= onBar.length; places += 1) {
      expect(stayingOf(places)).toEqual(expect.arrayContaining(stayingOf(places - 1)));
    }
  });

  it('stays with printing, help and what everybody does with the hand as long as it can', () => {
    expect(stayingOf(12)).toEqual(expect.arrayContaining(['scroll', 'window', 'zoom', 'pan', 'print', 'help']));
  });
});
