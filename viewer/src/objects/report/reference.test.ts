import { describe, expect, it } from 'vitest';
import { referenceOf } from './reference';

describe('a link of a report', () => {
  it.each([
    ['/dicom-web/studies/1.2/series/1.3/instances/1.4/rendered', ['1.2', '1.3', '1.4', undefined]],
    ['/dicom-web/studies/1.2/series/1.3/instances/1.4/frames/7/rendered', ['1.2', '1.3', '1.4', 7]],
  ])('%s leads to an instance', (href, [study, series, instance, frameNumber]) =>
    expect(referenceOf(href)).toEqual({ study, series, instance, frameNumber }),
  );

  it.each(['#item-1.2', 'https://example.com/', 'javascript:alert(1)', '/studies/1/series/x/instances/1/rendered', ''])(
    '%s leads nowhere',
    (href) => expect(referenceOf(href)).toBeUndefined(),
  );
});
