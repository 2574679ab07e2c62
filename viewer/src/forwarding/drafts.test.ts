import { describe, expect, it } from 'vitest';
import { newRule } from '../coercion/draft';
import type { Destination, Rule } from '../server/forwarding';
import { destinationDraft, destinationSettings, firstWrong, keptSettings } from './destinationDraft';
import { hoursDraft, hoursText, isHours, offsetText } from './hours';
import { firstWrongOfRule, newCondition, ruleDraft, ruleSettings } from './ruleDraft';
import { troubleKey } from './troubleKey';

const now = new Date();

const destination: Destination = {
  name: 'Trung tâm',
  target: { web: { url: 'https://a.example/studies', transfer_syntax: '1.2.840.10008.1.2.4.90' } },
  active: true,
  parallel: 4,
  bytes_per_second: 150_000,
  hours: '22:00-05:30+0700',
  commit: false,
  coercion: [{ attribute: 'PatientID', action: 'prefix', value: 'HN-' }],
  something_newer: { deep: [1] },
  has_authorization: true,
  failures: 2,
  trouble: 'cannot connect',
  next_ms: 1,
  waiting: 1,
  unproven: 0,
  sent: 2,
  failed: 3,
};

const settings = {
  target: destination.target,
  active: true,
  parallel: 4,
  bytes_per_second: 150_000,
  hours: '22:00-05:30+0700',
  commit: false,
  coercion: [{ attribute: 'PatientID', action: 'prefix', value: 'HN-' }],
  something_newer: { deep: [1] },
};

describe('settings of a destination', () => {
  it('are sent as they came where nothing is changed, also those that no field shows', () => {
    expect(destinationSettings(destinationDraft(destination, now), destination)).toEqual(settings);
    expect(keptSettings(destination)).toEqual(settings);
  });

  it('have a secret only if one is typed', () => {
    const draft = { ...destinationDraft(destination, now), authorization: ' Bearer x ' };
    expect(destinationSettings(draft, destination).target).toEqual({
      web: {
        url: 'https://a.example/studies',
        transfer_syntax: '1.2.840.10008.1.2.4.90',
        authorization: 'Bearer x',
      },
    });
  });

  it('of a new one are those of a machine', () => {
    const draft = { ...destinationDraft(undefined, now), name: 'Centre', peer: 'CENTRE' };
    expect(destinationSettings(draft, undefined)).toEqual({
      target: { peer: 'CENTRE' },
      active: true,
      parallel: 2,
      bytes_per_second: null,
      hours: null,
      commit: false,
      coercion: [],
    });
  });

  it('have a machine alone vouch for what it took', () => {
    const draft = { ...destinationDraft(undefined, now), name: 'Centre', peer: 'CENTRE', commit: true };
    expect(destinationSettings(draft, undefined).commit).toBe(true);
    expect(destinationSettings({ ...draft, kind: 'web' }, undefined).commit).toBe(false);
  });

  it('are checked before they are sent', () => {
    const draft = destinationDraft(destination, now);
    expect(firstWrong(draft)).toBeUndefined();
    for (const [change, wrong] of [
      [{ name: 'a/b' }, 'name'],
      [{ name: 'ă'.repeat(33) }, 'name'],
      [{ kind: 'peer' as const }, 'peer'],
      [{ url: 'pacs.example.org' }, 'url'],
      [{ url: 'https://me:secret@pacs.example.org/studies' }, 'url'],
      [{ parallel: '17' }, 'parallel'],
      [{ parallel: '' }, 'parallel'],
      [{ bytesPerSecond: '1000' }, 'bytesPerSecond'],
      [{ hours: { ...draft.hours, to: '' } }, 'hours'],
      [{ coercion: [...draft.coercion, newRule] }, 'coercion.1.attribute'],
    ] as const) {
      expect(firstWrong({ ...draft, ...change })).toBe(wrong);
    }
  });
});

describe('hours', () => {
  it('are read and written as they are', () => {
    expect(hoursText(hoursDraft('22:00-05:30-0330', now))).toBe('22:00-05:30-0330');
    expect(hoursText(hoursDraft('22:00-24:00+0000', now))).toBe('22:00-00:00+0000');
    expect(hoursText(hoursDraft(null, now))).toBeNull();
  });

  it('are by the clocks of the browser if they are new', () => {
    expect(offsetText(420)).toBe('+0700');
    expect(offsetText(-210)).toBe('-0330');
    expect(hoursDraft(null, now).offset).toBe(offsetText(-now.getTimezoneOffset()));
  });

  it('have both ends or none', () => {
    const hours = (from: string, to: string) => isHours({ from, to, offset: '+0700' });
    expect([hours('', ''), hours('22:00', '05:00')]).toEqual([true, true]);
    expect([hours('22:00', ''), hours('', '05:00'), hours('05:00', '05:00')]).toEqual([false, false, false]);
  });
});

const rule: Rule = {
  name: 'ct',
  active: true,
  peers: ['CT1'],
  conditions: [{ attribute: 'Modality', values: ['CT', 'MR'], not: true }],
  hours: null,
  destinations: ['Trung tâm'],
  something_newer: true,
};

describe('a rule', () => {
  it('is sent as it came where nothing is changed', () => {
    const { name: _named, ...rest } = rule;
    expect(ruleSettings(ruleDraft(rule, now), rule)).toEqual(rest);
  });

  it('is off at first', () => expect(ruleDraft(undefined, now).active).toBe(false));

  it('has a value for each line', () => {
    const conditions = [{ attribute: ' StationName ', not: false, values: 'XQ*\n\n a, b; c \n' }];
    expect(ruleSettings({ ...ruleDraft(rule, now), conditions }, rule).conditions).toEqual([
      { attribute: 'StationName', not: false, values: ['XQ*', 'a, b; c'] },
    ]);
  });

  it('is checked before it is sent', () => {
    const draft = ruleDraft(rule, now);
    expect(firstWrongOfRule(draft)).toBeUndefined();
    expect(firstWrongOfRule({ ...draft, name: '' })).toBe('name');
    expect(firstWrongOfRule({ ...draft, conditions: [...draft.conditions, newCondition] })).toBe('attribute.1');
    expect(firstWrongOfRule({ ...draft, destinations: [] })).toBe('destinations');
  });
});

describe('trouble', () => {
  it('is told in our words where it is usual', () => {
    for (const [words, name, why] of [
      ['cannot connect: tcp connect error', 'connect', undefined],
      ['the service answers 401 Unauthorized', 'notAllowed', undefined],
      ['the service answers 415 Unsupported Media Type', 'error', undefined],
      ['the peer CT1 has no address or no port', 'noAddress', undefined],
      ['it has taken the instance, but: cannot connect: refused', 'notAsked', 'cannot connect: refused'],
      ['it has taken the instance but does not vouch for it', 'refused', undefined],
      ['it has taken the instance but does not vouch for it: failure reason 0112', 'refusedFor', '0112'],
      ['it has taken the instance but does not say whether it vouches for it', 'silent', undefined],
    ] as const) {
      expect(troubleKey(words)).toEqual({ key: `forwarding.trouble.${name}`, why });
    }
    expect(troubleKey('status A900: words')).toBeUndefined();
  });
});
