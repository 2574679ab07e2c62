import { expect, it } from 'vitest';
import { isShownKind, otherObjectKind } from './objects';

const storage = (suffix: string) => `1.2.840.10008.5.1.4.1.1.${suffix}`;
const syntax = (suffix: string) => `1.2.840.10008.1.2.${suffix}`;

it.each([
  ['Secondary Capture', storage('7'), syntax('4.50'), true, undefined],
  ['Encapsulated PDF', storage('104.1'), syntax('1'), false, 'pdf'],
  ['Encapsulated PDF that claims pixels', storage('104.1'), syntax('1'), true, 'pdf'],
  ['Encapsulated CDA', storage('104.2'), syntax('1'), false, 'cda'],
  ['Encapsulated STL', storage('104.3'), syntax('1'), false, 'model3d'],
  ['endoscopy in MPEG-2', storage('77.1.1.1'), syntax('4.100'), true, 'video'],
  ['endoscopy in fragmentable H.264', storage('77.1.1.1'), syntax('4.102.1'), true, 'video'],
  ['endoscopy in HEVC', storage('77.1.1.1'), syntax('4.107'), true, 'video'],
  ['endoscopy in JPEG', storage('77.1.1.1'), syntax('4.50'), true, undefined],
  ['a class that nobody knows, in H.264', '2.25.1', syntax('4.102'), true, 'video'],
])('%s is known for what it is', (_, sopClassUid, transferSyntaxUid, hasPixels, expected) =>
  expect(otherObjectKind({ sopClassUid, transferSyntaxUid, hasPixels })).toBe(expected),
);

it('PDF and video are shown, what is not is named', () => {
  expect([isShownKind('pdf'), isShownKind('video')]).toEqual([true, true]);
  expect([isShownKind('cda'), isShownKind('unknown')]).toEqual([false, false]);
});
