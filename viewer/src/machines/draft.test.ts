import { describe, expect, it } from 'vitest';
import type { Peer } from '../server/machines';
import { draftOf, firstWrong, moved, settingsOf } from './draft';

const peer: Peer = {
  ae_title: 'CT1',
  address: '10.0.0.21',
  port: 104,
  tls: true,
  allow: ['store', 'retrieve'],
  worklist: { characters: 'ascii', names: 'parsed', max_entries: 50 },
  certificate: 'CN=ct1',
  move_destinations: ['WS1'],
  accepted_transfer_syntaxes: ['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.1'],
  offered_transfer_syntaxes: [],
  max_associations: 3,
  instance_availability: true,
  issuer_of_patient_id: '01234',
  department: 'Khoa CĐHA',
  machine_code: null,
};

describe('settings of a machine', () => {
  it('are sent as they came where nothing is changed, also those that no field shows', () => {
    const { ae_title: _named, ...settings } = peer;
    expect(settingsOf(draftOf(peer), peer)).toEqual(settings);
    const newer = { ...peer, something_newer: true };
    expect(settingsOf(draftOf(newer), newer)).toEqual({ ...settings, something_newer: true });
  });

  it('are everywhere, nowhere or a list', () => {
    for (const [listed, reach] of [
      [null, 'all'],
      [[], 'none'],
      [['WS1'], 'only'],
    ] as const) {
      const draft = draftOf({ ...peer, move_destinations: listed === null ? null : [...listed] });
      expect(draft.reach).toBe(reach);
      expect(settingsOf(draft, peer).move_destinations).toEqual(listed);
    }
    expect(settingsOf({ ...draftOf(peer), reach: 'none' }, peer).move_destinations).toEqual([]);
  });

  it('of a new machine let it store and set nothing else', () => {
    const settings = settingsOf({ ...draftOf(undefined), aeTitle: 'MR1', department: ' ' }, undefined);
    expect(settings).toMatchObject({ allow: ['store'], move_destinations: null, department: null, port: null });
  });

  it('are checked before they are sent', () => {
    const draft = { ...draftOf(undefined), aeTitle: 'MR 1' };
    for (const [change, wrong] of [
      [{}, undefined],
      [{ aeTitle: ' ' }, 'ae_title'],
      [{ aeTitle: 'SEVENTEEN_LETTERS' }, 'ae_title'],
      [{ aeTitle: 'Máy 1' }, 'ae_title'],
      [{ aeTitle: 'A\\B' }, 'ae_title'],
      [{ port: '65536' }, 'port'],
      [{ port: 'x' }, 'port'],
      [{ maxEntries: '0' }, 'max_entries'],
      [{ maxAssociations: '1.5' }, 'max_associations'],
    ] as const) {
      expect(firstWrong({ ...draft, ...change }), JSON.stringify(change)).toBe(wrong);
    }
  });

  it('have lists whose values move', () => {
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
  });
});
