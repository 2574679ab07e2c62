import { describe, expect, it } from 'vitest';
import { nextVertebra } from './vertebrae';

describe('the next vertebra', () => {
  it('goes down from one', () => {
    expect(nextVertebra(['C1'])).toBe('C2');
    expect(nextVertebra(['c7'])).toBe('T1');
    expect(nextVertebra(['T12'])).toBe('L1');
    expect(nextVertebra(['L5'])).toBe('S1');
  });

  it('goes up after two that went up', () => {
    expect(nextVertebra(['L5', 'L4'])).toBe('L3');
    expect(nextVertebra(['L1', 'T12'])).toBe('T11');
    expect(nextVertebra(['L5', 'L4', 'L5'])).toBe('S1');
  });

  it('is none without a beginning and after the end', () => {
    expect(nextVertebra([])).toBeUndefined();
    expect(nextVertebra(['disc'])).toBeUndefined();
    expect(nextVertebra(['S1'])).toBeUndefined();
    expect(nextVertebra(['C2', 'C1'])).toBeUndefined();
  });
});
