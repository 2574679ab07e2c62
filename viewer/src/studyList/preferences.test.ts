import { describe, expect, it } from 'vitest';
import { readPreferences, shownColumns } from './preferences';

describe('what a reader chooses of the list', () => {
  const shown = (kept: string | null) => shownColumns(readPreferences(kept)).map(({ id }) => id);

  it('is the usual columns until then', () => {
    expect(shown(null)).toContain('accession');
    expect(shown(null)).not.toContain('institution');
  });

  it('takes columns out and in', () => {
    const ids = shown('{"otherwise":["accession","institution","gone"]}');
    expect(ids).not.toContain('accession');
    expect(ids).toContain('institution');
  });

  it('is the usual where what is kept makes no sense', () => {
    for (const kept of ['', 'null', '[]', '{"otherwise":7,"elsewhere":"yes"}']) {
      expect(readPreferences(kept)).toEqual({ otherwise: [], elsewhere: false });
    }
  });
});
