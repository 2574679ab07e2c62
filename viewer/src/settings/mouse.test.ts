import { describe, expect, it } from 'vitest';
import { dragTool } from '../tools/registry';
import { heldTool, leftDrags, mouseOf, usualMouse, wheelActOf } from './mouse';

const none = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
const [left, middle, right] = [0, 1, 2];

describe('the mouse', () => {
  it('works usually the tool in the hand, pan and window, and scrolls', () => {
    expect([left, middle, right, 4].map((button) => heldTool(usualMouse, { ...none, button }))).toEqual([
      undefined,
      'pan',
      'window',
      undefined,
    ]);
    expect(wheelActOf(usualMouse, none)).toBe('scroll');
    expect(wheelActOf(usualMouse, { ...none, ctrlKey: true })).toBe('zoom');
    expect(wheelActOf(usualMouse, { ...none, shiftKey: true })).toBe('fastScroll');
    expect(wheelActOf(usualMouse, { ...none, altKey: true })).toBe('scroll');
  });

  it('knows the usual tools', () => {
    for (const id of [...leftDrags, ...Object.values(usualMouse.drags)]) {
      expect(dragTool(id).id).toBe(id);
    }
  });

  it('does what the reader gave it to do, with a key held or as without', () => {
    const mouse = mouseOf({
      mouse: {
        leftDrag: 'scroll',
        drags: { 'ctrl+left': 'zoom', right: 'length', 'ctrl+right': 'plain' },
        wheel: { wheel: 'zoom', 'ctrl+wheel': 'plain' },
      },
    });
    expect(mouse.leftDrag).toBe('scroll');
    expect(heldTool(mouse, { ...none, button: left })).toBeUndefined();
    expect(heldTool(mouse, { ...none, metaKey: true, button: left })).toBe('zoom');
    expect(heldTool(mouse, { ...none, button: right })).toBe('length');
    expect(heldTool(mouse, { ...none, ctrlKey: true, button: right })).toBe('length');
    // Not chosen: as usual.
    expect(heldTool(mouse, { ...none, button: middle })).toBe('pan');
    expect(wheelActOf(mouse, { ...none, ctrlKey: true })).toBe('zoom');
    expect(wheelActOf(mouse, { ...none, shiftKey: true })).toBe('fastScroll');
  });

  it('is as usual where what was kept makes no sense', () => {
    expect(mouseOf(undefined)).toEqual(usualMouse);
    expect(mouseOf({ mouse: { leftDrag: 'scroll', drags: 'everything', wheel: { wheel: 'explode' } } })).toEqual({
      ...usualMouse,
      leftDrag: 'scroll',
    });
  });
});
