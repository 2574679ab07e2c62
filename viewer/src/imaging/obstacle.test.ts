import { describe, expect, it } from 'vitest';
import { pdfObstacle, videoObstacle } from './obstacle';

const head = (mediaType: string, text: string) => ({ mediaType, bytes: new TextEncoder().encode(text) });
const syntax = (suffix: string) => `1.2.840.10008.1.2.4.${suffix}`;

describe('a PDF', () => {
  it.each([
    ['a document that the browser shows', 'application/pdf', '%PDF-1.4\n', true, undefined],
    ['a document behind something else', 'application/pdf', `${' '.repeat(900)}%PDF-1.7`, true, undefined],
    ['a document that the browser only saves', 'application/pdf', '%PDF-1.4\n', false, 'noPdfViewer'],
    ['a page under the name of a PDF', 'application/pdf', '<html><script>alert(1)</script>', true, 'notPdf'],
    ['a PDF under another name', 'text/xml', '%PDF-1.4\n', true, 'notPdf'],
    ['nothing', 'application/pdf', '', true, 'notPdf'],
  ])('is told from others: %s', (_, mediaType, text, hasViewer, expected) =>
    expect(pdfObstacle(head(mediaType, text), hasViewer)).toBe(expected),
  );
});

describe('a video', () => {
  /** As Chromium answers, with and without a decoder of H.265. */
  const chromium = (type: string): CanPlayTypeResult =>
    /^video\/mp4; codecs="avc1\.6400/.test(type) ? 'probably' : '';
  const withH265 = (type: string): CanPlayTypeResult =>
    /^video\/mp4; codecs="(avc1\.6400|hvc1)/.test(type) ? 'probably' : '';
  const plays = (mediaType: string, suffix: string, canPlay = chromium) =>
    videoObstacle({ mediaType }, syntax(suffix), canPlay);

  it('is given to a browser that says it can play it', () => {
    expect(plays('video/mp4', '102')).toBeUndefined();
    expect(plays('video/mp4', '104.1')).toBeUndefined();
    expect(plays('video/mp4', '107', withH265)).toBeUndefined();
    expect(plays('video/mp2t', '102', () => 'maybe')).toBeUndefined();
  });

  it('is not played for its container if that alone is in the way', () => {
    expect(plays('video/mp2t', '102')).toBe('container');
    expect(plays('video/h264', '103')).toBe('container');
    expect(plays('video/mp2t', '107', withH265)).toBe('container');
  });

  it('is not played for its coding otherwise', () => {
    expect(plays('video/mpeg', '100')).toBe('mpeg2');
    expect(plays('video/mpeg', '101.1', withH265)).toBe('mpeg2');
    expect(plays('video/mp2t', '107')).toBe('h265');
    expect(plays('video/mp4', '108')).toBe('h265');
    expect(plays('video/mp4', '106')).toBe('h264');
  });

  it('is unknown in another coding or form', () => {
    expect(plays('video/mp4', '50')).toBe('unknownVideo');
    expect(plays('text/html', '102')).toBe('unknownVideo');
    expect(videoObstacle({ mediaType: 'video/mp4' }, undefined, chromium)).toBe('unknownVideo');
    expect(videoObstacle({ mediaType: 'video/mp4' }, '2.25.102', chromium)).toBe('unknownVideo');
  });
});
